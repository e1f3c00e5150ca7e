// The requests of a measurement, made ready before its clock starts: signed deliveries and status
// reads. Owned by one run of the load generator, which has one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace oracode::bench {

// splitmix64: ids that look random and are the same in every process that is given the same seed.
inline std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

// A version 4 UUID that is a function of its three arguments.
inline std::string uuid(std::uint64_t seed, std::uint64_t kind, std::uint64_t number) {
    const std::uint64_t high = mix(mix(seed ^ (kind << 56)) + number);
    const std::uint64_t low = mix(high ^ number);
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                       high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

// Which codes exist: `codes` places on the locks, each holding one code at a time.
struct Population {
    std::uint64_t seed = 1;
    std::uint64_t codes = 100'000;

    // The code that is in `place` after `generation` earlier ones there have ended.
    [[nodiscard]] std::string code_id(std::uint64_t place, std::uint64_t generation) const {
        return uuid(seed, 1, generation * codes + place);
    }
    [[nodiscard]] std::string device_id(std::uint64_t place) const {
        return uuid(seed, 2, place / 25);
    }
};

// HMAC-SHA256 as Svix signs: the base64 of the MAC over "{id}.{timestamp}.{body}".
class Signer {
public:
    // `secret` is "whsec_" and base64. Throws std::runtime_error when it is not.
    explicit Signer(std::string_view secret) {
        constexpr std::string_view prefix = "whsec_";
        if (!secret.starts_with(prefix)) throw std::runtime_error("the secret lacks whsec_");
        secret.remove_prefix(prefix.size());
        std::vector<unsigned char> key(secret.size());
        const int size =
            EVP_DecodeBlock(key.data(), reinterpret_cast<const unsigned char*>(secret.data()),
                            static_cast<int>(secret.size()));
        if (size <= 0) throw std::runtime_error("the secret is not base64");
        // EVP_DecodeBlock counts the padding as zero bytes of the key.
        auto length = static_cast<std::size_t>(size);
        for (; secret.ends_with('='); secret.remove_suffix(1)) --length;
        mac_.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
        context_.reset(EVP_MAC_CTX_new(mac_.get()));
        std::string digest = "SHA256";
        const std::array parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
            OSSL_PARAM_construct_end()};
        if (EVP_MAC_init(context_.get(), key.data(), length, parameters.data()) != 1)
            throw std::runtime_error("no HMAC-SHA256");
    }

    [[nodiscard]] std::string sign(std::string_view content) {
        std::array<unsigned char, 32> mac{};
        std::size_t size = mac.size();
        // Without a key, init starts over with the one it has.
        if (EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1 ||
            EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(content.data()),
                           content.size()) != 1 ||
            EVP_MAC_final(context_.get(), mac.data(), &size, mac.size()) != 1)
            throw std::runtime_error("HMAC failed");
        std::array<unsigned char, 45> text{};
        EVP_EncodeBlock(text.data(), mac.data(), static_cast<int>(size));
        return reinterpret_cast<const char*>(text.data());
    }

private:
    struct Free {
        void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
        void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
    };
    std::unique_ptr<EVP_MAC, Free> mac_;
    std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

// The events of a population in the order in which they happen. Event n is a function of n alone,
// so that one process can go on where another stopped. Every code of a turn has its next event
// before the next turn begins, in another order each turn, so that a store sees random codes:
// created, scheduled, set, removed, and then a new code takes the place.
class Events {
public:
    Events(Population population, std::chrono::sys_time<std::chrono::milliseconds> begin)
        : population_(population), begin_(begin) {}

    [[nodiscard]] std::string id(std::uint64_t number) const {
        return uuid(population_.seed, 3, number);
    }

    [[nodiscard]] std::string body(std::uint64_t number) {
        struct Stage {
            std::string_view type;
            bool tells_pin;
        };
        static constexpr std::array<Stage, 4> stages{{{"created", false},
                                                      {"scheduled_on_device", true},
                                                      {"set_on_device", true},
                                                      {"removed_from_device", false}}};
        const std::uint64_t turn = number / population_.codes;
        const std::uint64_t place = place_of(number % population_.codes, turn);
        const Stage& stage = stages[turn % stages.size()];
        const std::string at = instant(number);
        const std::string pin =
            stage.tells_pin ? fmt::format(R"("code":"{:09}",)", mix(place) % 1'000'000'000) : "";
        return fmt::format(R"({{"event_id":"{}","event_type":"access_code.{}","workspace_id":"{}",)"
                           R"("created_at":"{}","occurred_at":"{}","access_code_id":"{}",)"
                           R"("connected_account_id":"{}","device_id":"{}",{})"
                           R"("connected_account_custom_metadata":{{}},)"
                           R"("device_custom_metadata":{{"door":"{}"}}}})",
                           id(number), stage.type, uuid(population_.seed, 4, 0), at, at,
                           population_.code_id(place, turn / stages.size()),
                           uuid(population_.seed, 5, place % 16), population_.device_id(place), pin,
                           100 + place / 25);
    }

private:
    // A walk through all places with a stride of its own in each turn.
    std::uint64_t place_of(std::uint64_t step, std::uint64_t turn) {
        if (turn != turn_) {
            turn_ = turn;
            stride_ = turn == 0 ? 1 : mix(turn) % population_.codes + 1;
            while (std::gcd(stride_, population_.codes) != 1) ++stride_;
        }
        return (step * stride_ + turn) % population_.codes;
    }

    // Ten events a millisecond: time grows with the number and, as under any such load, has ties.
    [[nodiscard]] std::string instant(std::uint64_t number) const {
        const auto at = begin_ + std::chrono::milliseconds{number / 10};
        const auto day = std::chrono::floor<std::chrono::days>(at);
        const std::chrono::year_month_day date{day};
        const std::chrono::hh_mm_ss time{at - day};
        return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                           static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                           static_cast<unsigned>(date.day()), time.hours().count(),
                           time.minutes().count(), time.seconds().count(),
                           time.subseconds().count());
    }

    Population population_;
    std::chrono::sys_time<std::chrono::milliseconds> begin_;
    std::uint64_t turn_ = ~std::uint64_t{0};
    std::uint64_t stride_ = 1;
};

// Requests back to back in one buffer, and the order in which they are sent.
class Requests {
public:
    enum class Order { once, repeated, random };

    explicit Requests(Order order) : order_(order) {}

    void add(std::string_view request) {
        text_.append(request);
        ends_.push_back(text_.size());
    }
    void reserve(std::size_t count, std::size_t bytes_each) {
        text_.reserve(count * bytes_each);
        ends_.reserve(count);
    }
    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    [[nodiscard]] double mean_bytes() const {
        return ends_.empty()
                   ? 0
                   : static_cast<double>(text_.size()) / static_cast<double>(ends_.size());
    }
    [[nodiscard]] std::uint64_t taken() const { return taken_; }

    // The next request to send; empty when all were and the order is `once`.
    [[nodiscard]] std::string_view take() {
        if (order_ == Order::once && taken_ == ends_.size()) return {};
        std::size_t index = taken_ % ends_.size();
        if (order_ == Order::random) index = mix(taken_) % ends_.size();
        ++taken_;
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view{text_}.substr(begin, ends_[index] - begin);
    }

private:
    Order order_;
    std::string text_;
    std::vector<std::size_t> ends_;
    std::uint64_t taken_ = 0;
};

}  // namespace oracode::bench
