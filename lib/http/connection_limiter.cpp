#include "http/connection_limiter.hpp"

#include <string_view>

namespace oracode::http {

ConnectionSlot& ConnectionSlot::operator=(ConnectionSlot&& other) noexcept {
    if (this == &other) return *this;
    release();
    limiter_ = std::move(other.limiter_);
    key_ = other.key_;
    counts_ = other.counts_;
    offer_ = std::move(other.offer_);
    return *this;
}

void ConnectionSlot::release() {
    const auto limiter = std::exchange(limiter_, nullptr);
    if (!limiter) return;
    const std::lock_guard lock(limiter->mutex_);
    if (offer_ && offer_->is_linked())
        limiter->offers_.erase(limiter->offers_.iterator_to(*offer_));
    if (!offer_ || !offer_->taken) limiter->leave(key_, counts_);
    offer_.reset();
}

void ConnectionSlot::offer(std::function<void()> evict) {
    auto offer = std::make_unique<Offer>();
    offer->key = key_;
    offer->counts = counts_;
    offer->evict = std::move(evict);
    const std::lock_guard lock(limiter_->mutex_);
    offer_ = std::move(offer);
    limiter_->offers_.push_back(*offer_);
}

bool ConnectionSlot::secure() {
    if (!offer_) return limiter_ != nullptr;
    const std::lock_guard lock(limiter_->mutex_);
    if (offer_->taken) return false;
    limiter_->offers_.erase(limiter_->offers_.iterator_to(*offer_));
    offer_.reset();
    return true;
}

std::size_t ConnectionLimiter::Hash::operator()(const Key& key) const {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(key.data()), key.size()});
}

std::optional<ConnectionSlot> ConnectionSlot::for_client(const net::Peer& client) const {
    return limiter_ ? limiter_->acquire_for_client(client) : std::nullopt;
}

// False: the address has all of its places.
bool ConnectionLimiter::enter(const Key& key) {
    auto& count = by_address_[key];
    if (count >= max_per_address_) {
        if (count == 0) by_address_.erase(key);
        return false;
    }
    ++count;
    return true;
}

ConnectionLimiter::Decision ConnectionLimiter::acquire(const net::Peer& peer) {
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
    const auto counts = of_many ? ConnectionSlot::Counts::in_all : ConnectionSlot::Counts::both;
    return {ConnectionSlot{shared_from_this(), peer, counts}, {}, evict != nullptr};
}

std::function<void()> ConnectionLimiter::take_oldest_offer() {
    if (offers_.empty()) return nullptr;
    auto& oldest = offers_.front();
    offers_.pop_front();
    oldest.taken = true;
    leave(oldest.key, oldest.counts);
    return std::move(oldest.evict);
}

std::optional<ConnectionSlot> ConnectionLimiter::acquire_for_client(const net::Peer& client) {
    const std::lock_guard lock(mutex_);
    if (!enter(client.key)) return std::nullopt;
    return ConnectionSlot{shared_from_this(), client, ConnectionSlot::Counts::by_address};
}

void ConnectionLimiter::leave(const Key& key, ConnectionSlot::Counts counts) {
    if (counts != ConnectionSlot::Counts::by_address) --total_;
    if (counts != ConnectionSlot::Counts::in_all) leave_address(key);
}

void ConnectionLimiter::leave_address(const Key& key) {
    const auto entry = by_address_.find(key);
    if (--entry->second == 0) by_address_.erase(entry);
}

}  // namespace oracode::http
