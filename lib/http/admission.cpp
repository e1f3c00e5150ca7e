#include "http/admission.hpp"

#include <string_view>

namespace oracode::http {

Admission& Admission::operator=(Admission&& other) noexcept {
    if (this == &other) return *this;
    release();
    turnstile_ = std::move(other.turnstile_);
    key_ = other.key_;
    by_address_ = other.by_address_;
    return *this;
}

void Admission::release() {
    if (const auto turnstile = std::exchange(turnstile_, nullptr))
        turnstile->leave(key_, by_address_);
}

std::size_t Turnstile::Hash::operator()(const Key& key) const {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(key.data()), key.size()});
}

Turnstile::Verdict Turnstile::admit(const Peer& peer) {
    const std::lock_guard lock(mutex_);
    if (total_ >= max_) return {std::nullopt, Observer::Cap::all};
    if (!peer.unix_socket) {
        auto& count = by_address_[peer.key];
        if (count >= max_per_address_) {
            if (count == 0) by_address_.erase(peer.key);
            return {std::nullopt, Observer::Cap::address};
        }
        ++count;
    }
    ++total_;
    return {Admission{shared_from_this(), peer}, {}};
}

void Turnstile::leave(const Key& key, bool by_address) {
    const std::lock_guard lock(mutex_);
    --total_;
    if (!by_address) return;
    const auto entry = by_address_.find(key);
    if (--entry->second == 0) by_address_.erase(entry);
}

}  // namespace oracode::http
