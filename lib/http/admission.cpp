#include "http/admission.hpp"

#include <string_view>

namespace oracode::http {

Admission& Admission::operator=(Admission&& other) noexcept {
    if (this == &other) return *this;
    release();
    turnstile_ = std::move(other.turnstile_);
    key_ = other.key_;
    counts_ = other.counts_;
    offer_ = std::move(other.offer_);
    return *this;
}

void Admission::release() {
    const auto turnstile = std::exchange(turnstile_, nullptr);
    if (!turnstile) return;
    const std::lock_guard lock(turnstile->mutex_);
    if (offer_ && offer_->is_linked())
        turnstile->offers_.erase(turnstile->offers_.iterator_to(*offer_));
    if (!offer_ || !offer_->taken) turnstile->leave(key_, counts_);
    offer_.reset();
}

void Admission::offer(std::function<void()> evict) {
    auto offer = std::make_unique<Offer>();
    offer->key = key_;
    offer->counts = counts_;
    offer->evict = std::move(evict);
    const std::lock_guard lock(turnstile_->mutex_);
    offer_ = std::move(offer);
    turnstile_->offers_.push_back(*offer_);
}

bool Admission::secure() {
    if (!offer_) return turnstile_ != nullptr;
    const std::lock_guard lock(turnstile_->mutex_);
    if (offer_->taken) return false;
    turnstile_->offers_.erase(turnstile_->offers_.iterator_to(*offer_));
    offer_.reset();
    return true;
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
    const bool of_many = peer.unix_socket || peer.trusted_proxy;
    std::function<void()> evict;
    {
        const std::lock_guard lock(mutex_);
        if (!of_many && !enter(peer.key)) return {std::nullopt, Observer::Cap::address};
        if (total_ >= max_) {
            evict = take_oldest_offer();
            if (!evict) {
                if (!of_many) leave_address(peer.key);
                return {std::nullopt, Observer::Cap::all};
            }
        }
        ++total_;
    }
    if (evict) evict();
    const auto counts = of_many ? Admission::Counts::in_all : Admission::Counts::both;
    return {Admission{shared_from_this(), peer, counts}, {}, evict != nullptr};
}

std::function<void()> Turnstile::take_oldest_offer() {
    if (offers_.empty()) return nullptr;
    auto& oldest = offers_.front();
    offers_.pop_front();
    oldest.taken = true;
    leave(oldest.key, oldest.counts);
    return std::move(oldest.evict);
}

std::optional<Admission> Turnstile::admit_client(const Peer& client) {
    const std::lock_guard lock(mutex_);
    if (!enter(client.key)) return std::nullopt;
    return Admission{shared_from_this(), client, Admission::Counts::by_address};
}

void Turnstile::leave(const Key& key, Admission::Counts counts) {
    if (counts != Admission::Counts::by_address) --total_;
    if (counts != Admission::Counts::in_all) leave_address(key);
}

void Turnstile::leave_address(const Key& key) {
    const auto entry = by_address_.find(key);
    if (--entry->second == 0) by_address_.erase(entry);
}

}  // namespace oracode::http
