#include "store/sqlite/stored_id.hpp"

#include <cstdint>

namespace oracode::store {
namespace {

constexpr std::size_t uuid_length = 36;

constexpr bool is_dash(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

// Lower case only: an id has to come back letter by letter as it was given.
constexpr auto nibbles = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < 10; ++i) table.at('0' + i) = static_cast<std::int8_t>(i);
    for (std::size_t i = 0; i < 6; ++i) table.at('a' + i) = static_cast<std::int8_t>(10 + i);
    return table;
}();

bool pack(std::string_view id, std::array<char, 16>& packed) {
    if (id.size() != uuid_length) return false;
    std::size_t out = 0;
    for (std::size_t i = 0; i < uuid_length;) {
        if (is_dash(i)) {
            if (id[i++] != '-') return false;
            continue;
        }
        const std::int8_t high = nibbles[static_cast<unsigned char>(id[i])];
        const std::int8_t low = nibbles[static_cast<unsigned char>(id[i + 1])];
        if (high < 0 || low < 0) return false;
        packed[out++] = static_cast<char>(high << 4 | low);
        i += 2;
    }
    return true;
}

}  // namespace

StoredId::StoredId(std::string_view id) : text_(id), is_packed_(pack(id, packed_)) {}

void StoredId::bind(Statement& statement, int parameter) const {
    if (is_packed_) {
        statement.bind(parameter, Blob{{packed_.data(), packed_.size()}});
    } else if (text_.empty()) {
        statement.bind(parameter, nullptr);
    } else {
        statement.bind(parameter, text_);
    }
}

std::string read_id(const Rows& rows, int column) {
    const auto bytes = rows.bytes(column);
    if (!rows.is_blob(column)) return std::string(bytes);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id(uuid_length, '-');
    std::size_t in = 0;
    for (std::size_t i = 0; i < uuid_length && in < bytes.size();) {
        if (is_dash(i)) {
            ++i;
            continue;
        }
        const auto byte = static_cast<unsigned char>(bytes[in++]);
        id[i++] = digits[byte >> 4];
        id[i++] = digits[byte & 15];
    }
    return id;
}

}  // namespace oracode::store
