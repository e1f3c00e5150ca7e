// The ids of signed messages. Any thread.
#pragma once

#include <string>

namespace oracode::webhook {

// Random, as Svix makes them: msg_ and 27 letters and digits.
[[nodiscard]] std::string fresh_message_id();

}  // namespace oracode::webhook
