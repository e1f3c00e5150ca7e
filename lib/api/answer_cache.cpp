#include "api/answer_cache.hpp"

#include <functional>
#include <mutex>

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

namespace oracode::api {
namespace {

namespace index = boost::multi_index;

struct Entry {
    std::string access_code_id;
    std::shared_ptr<const AnswerCache::Answer> answer;
    std::size_t bytes;
};

struct ById {};
using Entries = boost::multi_index_container<
    Entry, index::indexed_by<
               index::sequenced<>,
               index::hashed_unique<index::tag<ById>,
                                    index::member<Entry, std::string, &Entry::access_code_id>,
                                    std::hash<std::string_view>, std::equal_to<>>>>;

// With what the allocator and the indexes add.
std::size_t bytes_of(std::string_view id, const AnswerCache::Answer& answer) {
    constexpr std::size_t around = 160;
    return sizeof(Entry) + sizeof answer + id.size() + answer.etag.size() + answer.body.capacity() +
           around;
}

}  // namespace

// The front of the sequence was asked for last.
struct AnswerCache::Shard {
    std::mutex mutex;
    Entries entries;
    std::size_t bytes = 0;

    void forget_oldest() {
        bytes -= entries.back().bytes;
        entries.pop_back();
    }
};

AnswerCache::AnswerCache(const store::CodeRevisions& revisions, std::size_t most_bytes)
    : revisions_(revisions), most_bytes_(most_bytes / shard_count) {
    for (auto& shard : shards_) shard = std::make_unique<Shard>();
}

AnswerCache::~AnswerCache() = default;

AnswerCache::Shard& AnswerCache::shard_of(std::string_view access_code_id) const {
    // The low bits of the hash are those that choose the bucket.
    return *shards_[(std::hash<std::string_view>{}(access_code_id) >> 32) % shard_count];
}

std::shared_ptr<const AnswerCache::Answer> AnswerCache::find(std::string_view access_code_id,
                                                             Timestamp now, bool polling) {
    std::shared_ptr<const Answer> answer;
    auto& shard = shard_of(access_code_id);
    {
        const std::lock_guard lock(shard.mutex);
        const auto& by_id = shard.entries.get<ById>();
        const auto found = by_id.find(access_code_id);
        if (found == by_id.end()) return nullptr;
        answer = found->answer;
        shard.entries.relocate(shard.entries.begin(), shard.entries.project<0>(found));
    }
    const bool holds = revisions_.holds(answer->mark) && now >= answer->from &&
                       now < answer->until && polling == answer->polling;
    return holds ? answer : nullptr;
}

void AnswerCache::put(std::string_view access_code_id, Answer answer) {
    answer.body.shrink_to_fit();
    Entry entry{std::string(access_code_id), std::make_shared<const Answer>(std::move(answer)), 0};
    entry.bytes = bytes_of(access_code_id, *entry.answer);
    auto& shard = shard_of(access_code_id);
    const std::lock_guard lock(shard.mutex);
    auto& by_id = shard.entries.get<ById>();
    if (const auto known = by_id.find(access_code_id); known != by_id.end()) {
        shard.bytes -= known->bytes;
        by_id.erase(known);
    }
    shard.bytes += entry.bytes;
    shard.entries.push_front(std::move(entry));
    while (shard.bytes > most_bytes_) shard.forget_oldest();
}

std::size_t AnswerCache::bytes() const {
    std::size_t sum = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        sum += shard->bytes;
    }
    return sum;
}

}  // namespace oracode::api
