// A message as each format wants it on the wire. Pure.
#pragma once

#include "client/message.hpp"
#include "notify/message.hpp"
#include "notify/target.hpp"

namespace oracode::notify {

// The request that notifies `target`. Where it is signed, the signature's time stamp is `now`. The
// target's secret has been found usable before.
[[nodiscard]] client::Request render(const Target& target, const Message& message, Timestamp now);

}  // namespace oracode::notify
