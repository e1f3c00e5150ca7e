// How an opaque id is kept: a UUID in its canonical lower-case form as its 16 bytes, anything else
// as the text it is, no id as NULL. The two never meet, as SQLite keeps blobs and texts apart. Half
// the size of the text means half the pages touched by the indexes on ids.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "store/sqlite/sqlite.hpp"

namespace oracode::store {

// Refers to the text it was made from.
class StoredId {
public:
    explicit StoredId(std::string_view id);

    void bind(Statement& statement, int parameter) const;

private:
    std::string_view text_;
    std::array<char, 16> packed_{};
    bool is_packed_ = false;
};

// The id as it was given; empty for NULL.
[[nodiscard]] std::string read_id(const Rows& rows, int column);

}  // namespace oracode::store
