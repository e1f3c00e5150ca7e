// The answers to GET /v1/access_codes/{id} that were given last, until their codes change: most
// reads then need neither the database nor a JSON document. Without PINs. Owned by App and shared
// by the I/O threads; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "store/code_revisions.hpp"

namespace oracode::api {

class AnswerCache {
public:
    struct Answer {
        store::CodeRevisions::Mark mark;
        Timestamp from;   // when it was made
        Timestamp until;  // when time alone may change it
        bool polling;     // View::polling that it was made with
        std::string etag;
        std::string body;
    };

    static constexpr std::size_t usual_bytes = std::size_t{96} << 20;

    // Keeps about `most_bytes`, of what was asked for last. `revisions` outlives it.
    explicit AnswerCache(const store::CodeRevisions& revisions,
                         std::size_t most_bytes = usual_bytes);
    ~AnswerCache();
    AnswerCache(const AnswerCache&) = delete;
    AnswerCache& operator=(const AnswerCache&) = delete;

    // What the database would say at `now`; null: that is not known here.
    [[nodiscard]] std::shared_ptr<const Answer> find(std::string_view access_code_id, Timestamp now,
                                                     bool polling);
    void put(std::string_view access_code_id, Answer answer);

    [[nodiscard]] std::size_t bytes() const;

private:
    struct Shard;
    static constexpr std::size_t shard_count = 16;

    [[nodiscard]] Shard& shard_of(std::string_view access_code_id) const;

    const store::CodeRevisions& revisions_;
    const std::size_t most_bytes_;  // of one shard
    std::array<std::unique_ptr<Shard>, shard_count> shards_;
};

}  // namespace oracode::api
