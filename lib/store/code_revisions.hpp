// Which codes have changed since they were read, so that what was made of a row can be used again
// until the row changes. Owned by the Store; any thread may ask. The connection that writes follows
// every row that it changes, whatever statement does it, and says so before the commit can be seen
// and again after it, and so before anybody hears of it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace oracode::store {

class CodeRevisions {
public:
    // Of a row as it was read.
    struct Mark {
        std::int64_t code_no = 0;
        std::uint64_t revision = 0;
    };

    // To be taken before a read begins.
    [[nodiscard]] std::uint64_t now() const { return latest_.load(std::memory_order_acquire); }
    // Of the row `code_no`, which a read found that began at `began`; nullopt: it is being changed.
    [[nodiscard]] std::optional<Mark> mark(std::int64_t code_no, std::uint64_t began) const {
        const auto revision = slot(code_no).load(std::memory_order_acquire);
        if (revision > began) return std::nullopt;
        return Mark{code_no, revision};
    }
    // Whether the row is still as it was.
    [[nodiscard]] bool holds(const Mark& mark) const {
        return slot(mark.code_no).load(std::memory_order_acquire) == mark.revision;
    }

    // On the writer's thread. A commit that has failed leaves its codes changing: what of it will
    // be seen is not known before the database is opened again.
    void changing(std::span<const std::int64_t> codes) {
        for (const auto code : codes) slot(code).store(in_change, std::memory_order_release);
    }
    void changed(std::span<const std::int64_t> codes) {
        const auto revision = latest_.load(std::memory_order_relaxed) + 1;
        for (const auto code : codes) slot(code).store(revision, std::memory_order_release);
        latest_.store(revision, std::memory_order_release);
    }
    // The database was opened again.
    void all_changed() {
        const auto revision = latest_.load(std::memory_order_relaxed) + 1;
        for (auto& each : slots_) each.store(revision, std::memory_order_release);
        latest_.store(revision, std::memory_order_release);
    }

private:
    static constexpr std::uint64_t in_change = ~std::uint64_t{0};
    // Codes that share one only forget each other too early.
    static constexpr std::size_t slot_count = 4'096;
    using Slot = std::atomic<std::uint64_t>;

    [[nodiscard]] const Slot& slot(std::int64_t code_no) const {
        return slots_[static_cast<std::uint64_t>(code_no) % slot_count];
    }
    [[nodiscard]] Slot& slot(std::int64_t code_no) {
        return slots_[static_cast<std::uint64_t>(code_no) % slot_count];
    }

    std::array<Slot, slot_count> slots_{};
    std::atomic<std::uint64_t> latest_{0};
};

}  // namespace oracode::store
