// What a notification of the outbox says, as things stand now. Any thread, with a Reader of its
// own.
#pragma once

#include <optional>

#include "notify/message.hpp"
#include "store/notification.hpp"
#include "store/reader.hpp"

namespace oracode::notify {

// nullopt: what it is about is not kept any more. Throws StoreError where that cannot be read.
[[nodiscard]] std::optional<Message> compose(store::Reader& reader,
                                             const store::PendingNotification& pending,
                                             const representation::View& view);

}  // namespace oracode::notify
