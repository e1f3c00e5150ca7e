#include "http/admission.hpp"

#include <string_view>

namespace oracode::http {

Admission& Admission::operator=(Admission&& other) noexcept {
    if (this == &other) return *this;
    release();
    turnstile_ = std::move(other.turnstile_);
    key_ = other.key_;
    counts_ = other.counts_;
    return *this;
}

void Admission::release() {
    if (const auto turnstile = std::exchange(turnstile_, nullptr)) turnstile->leave(key_, counts_);
}

std::size_t Turnstile::Hash::operator()(const Key& key) const {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(key.data()), key.size()});
}

std::optional<Admission> Admission::of_client(const Peer& client) const {
    return turnstile_ ? turnstile_->admit_client(client) : std::nullopt;
}

// False: the address has all of its places.
bool Turnstile::enter(const Key& key) {
    auto& count = by_address_[key];
    if (count >= max_per_address_) {
        if (count == 0) by_address_.erase(key);
        return false;
    }
    ++count;
    return true;
}

Turnstile::Verdict Turnstile::admit(const Peer& peer) {
    const std::lock_guard lock(mutex_);
    if (total_ >= max_) return {std::nullopt, Observer::Cap::all};
    const bool of_many = peer.unix_socket || peer.trusted_proxy;
    if (!of_many && !enter(peer.key)) return {std::nullopt, Observer::Cap::address};
    ++total_;
    const auto counts = of_many ? Admission::Counts::in_all : Admission::Counts::both;
    return {Admission{shared_from_this(), peer, counts}, {}};
}

std::optional<Admission> Turnstile::admit_client(const Peer& client) {
    const std::lock_guard lock(mutex_);
    if (!enter(client.key)) return std::nullopt;
    return Admission{shared_from_this(), client, Admission::Counts::by_address};
}

void Turnstile::leave(const Key& key, Admission::Counts counts) {
    const std::lock_guard lock(mutex_);
    if (counts != Admission::Counts::by_address) --total_;
    if (counts == Admission::Counts::in_all) return;
    const auto entry = by_address_.find(key);
    if (--entry->second == 0) by_address_.erase(entry);
}

}  // namespace oracode::http
