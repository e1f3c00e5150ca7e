// What tells quarantined deliveries from one another. Pure; any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace oracode::store {

// SHA-256 of a delivery's message id and body. Throws std::runtime_error where OpenSSL has none.
[[nodiscard]] std::array<char, 32> delivery_digest(const std::string& message_id,
                                                   std::string_view body);

}  // namespace oracode::store
