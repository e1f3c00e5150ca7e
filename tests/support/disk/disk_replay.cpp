#include "support/disk/disk_replay.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "support/temporary_folder.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using Kind = DiskRecord::Kind;

std::string folder_of(const std::string& name) {
    return fs::path(name).parent_path().string();
}

std::size_t below(std::mt19937_64& random, std::size_t end) {
    return end == 0 ? 0 : static_cast<std::size_t>(random() % end);
}

bool chance(std::mt19937_64& random, double probability) {
    return std::bernoulli_distribution(probability)(random);
}

// A write in pieces that end at multiples of `unit` in the file.
template <class Change>
std::vector<Change> torn(const std::vector<Change>& changes, std::size_t unit) {
    std::vector<Change> pieces;
    for (const auto& change : changes) {
        if (change.truncates) pieces.push_back(change);
        for (std::size_t at = 0; at < change.bytes.size();) {
            const auto to_border = unit - (change.offset + at) % unit;
            const auto piece = change.bytes.substr(at, to_border);
            pieces.push_back({change.offset + at, piece});
            at += piece.size();
        }
    }
    return pieces;
}

}  // namespace

std::string_view name(Survival survival) {
    constexpr std::array<std::string_view, survival_count> names{
        "dropped", "kept", "prefix", "subset", "reordered", "torn sectors", "torn pages"};
    return names.at(static_cast<std::size_t>(survival));
}

Survival DiskReplay::survival(std::uint64_t seed) {
    return static_cast<Survival>(std::mt19937_64(seed)() % survival_count);
}

DiskReplay::DiskReplay(const DiskRecording& recording, Syncs syncs)
    : recording_(recording), syncs_(syncs) {
    for (const auto& folder : recording.folders) names_[folder] = std::nullopt;
    for (const auto& [name, content] : recording.files) {
        names_[name] = files_.size();
        files_.push_back({content, {}});
    }
}

void DiskReplay::apply(std::string& content, const Change& change) {
    if (change.truncates) return content.resize(change.offset);
    content.resize(std::max<std::size_t>(content.size(), change.offset + change.bytes.size()));
    content.replace(change.offset, change.bytes.size(), change.bytes);
}

void DiskReplay::apply(Names& names, const DiskRecord& change) {
    if (change.kind == Kind::create) {
        names[change.name] = change.file;
    } else if (change.kind == Kind::make_folder) {
        names[change.name] = std::nullopt;
    } else if (auto found = names.extract(change.name); !found.empty()) {
        if (change.kind == Kind::rename && !change.new_name.empty())
            names[change.new_name] = found.mapped();
    }
}

void DiskReplay::sync_folder(const std::string& folder) {
    std::erase_if(pending_names_, [&](const DiskRecord* change) {
        if (folder_of(change->name) != folder) return false;
        apply(names_, *change);
        return true;
    });
}

void DiskReplay::advance_to(std::size_t position) {
    for (; position_ < position; ++position_) {
        const auto& record = recording_.records.at(position_);
        if (record.file >= files_.size()) files_.resize(record.file + 1);
        auto& file = files_[record.file];
        switch (record.kind) {
            case Kind::create:
            case Kind::make_folder:
            case Kind::rename:
            case Kind::remove:
                pending_names_.push_back(&record);
                break;
            case Kind::write:
                file.pending.push_back({record.offset, record.bytes});
                break;
            case Kind::truncate:
                file.pending.push_back({record.offset, {}, true});
                break;
            case Kind::sync:
                if (syncs_ == Syncs::do_nothing) break;
                for (const auto& change : std::exchange(file.pending, {}))
                    apply(file.durable, change);
                break;
            case Kind::lost_sync:
                for (const auto& change : std::exchange(file.pending, {}))
                    if (change.truncates) apply(file.durable, change);
                break;
            case Kind::sync_folder:
                if (syncs_ == Syncs::count) sync_folder(record.name);
                break;
        }
    }
}

DiskReplay::Names DiskReplay::surviving_names(Survival survival, std::mt19937_64& random) const {
    auto names = names_;
    const auto count = survival == Survival::dropped ? 0
                       : survival == Survival::kept  ? pending_names_.size()
                                                     : below(random, pending_names_.size() + 1);
    for (std::size_t i = 0; i < count; ++i) apply(names, *pending_names_[i]);
    return names;
}

std::string DiskReplay::surviving(const File& file, Survival survival, std::mt19937_64& random) {
    auto content = file.durable;
    auto changes = file.pending;
    if (survival == Survival::sectors) changes = torn(changes, 512);
    if (survival == Survival::pages) changes = torn(changes, 4096);
    if (survival == Survival::reordered) {
        // A truncation changes the size, which the file system's journal keeps in order.
        for (auto from = changes.begin(); from != changes.end();) {
            const auto to =
                std::find_if(from, changes.end(), [](const Change& c) { return c.truncates; });
            std::shuffle(from, to, random);
            from = to == changes.end() ? to : to + 1;
        }
    }
    const bool ordered = survival == Survival::prefix || survival == Survival::reordered;
    const auto first = ordered ? below(random, changes.size() + 1) : changes.size();
    const double kept = survival == Survival::dropped ? 0
                        : survival == Survival::kept || ordered
                            ? 1
                            : std::array{0.1, 0.5, 0.9}.at(below(random, 3));
    const bool keeps_sizes = survival != Survival::dropped && chance(random, 0.3);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& change = changes[i];
        if (i < first && chance(random, kept))
            apply(content, change);
        else if (keeps_sizes && !change.truncates)
            apply(content,
                  {std::max<std::size_t>(content.size(), change.offset + change.bytes.size()),
                   {},
                   true});
    }
    return content;
}

void DiskReplay::save(const fs::path& folder, std::uint64_t seed) const {
    std::mt19937_64 random(seed);
    const auto how = static_cast<Survival>(random() % survival_count);
    const auto names = surviving_names(how, random);
    for (const auto& [name, file] : names) {
        const auto path = folder / name;
        if (!file)
            fs::create_directory(path);
        else if (fs::exists(path.parent_path()))  // its folder may be lost
            write_file(path.string(), surviving(files_.at(*file), how, random));
    }
}

}  // namespace oracode::test
