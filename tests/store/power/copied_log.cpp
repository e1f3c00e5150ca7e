#include "tests/store/power/copied_log.hpp"

#include <set>
#include <string>

#include "tests/store/power/story.hpp"

namespace oracode::test {
namespace {

using Kind = DiskRecord::Kind;

class FileNumbers {
public:
    explicit FileNumbers(const DiskRecording& recording) {
        for (std::size_t i = 0; i < recording.files.size(); ++i) note(recording.files[i].first, i);
        for (const auto& record : recording.records)
            if (record.kind == Kind::create) note(record.name, record.file);
    }

    [[nodiscard]] bool is_of_database(const DiskRecord& record) const {
        return database_.contains(record.file);
    }
    [[nodiscard]] bool is_of_log(const DiskRecord& record) const {
        return log_.contains(record.file);
    }

private:
    void note(const std::string& name, std::size_t number) {
        if (name == database_name) database_.insert(number);
        if (name == std::string(database_name) + "-wal") log_.insert(number);
    }

    std::set<std::size_t> database_;
    std::set<std::size_t> log_;
};

bool changes_content(const DiskRecord& record) {
    return record.kind == Kind::write || record.kind == Kind::truncate;
}

// The log's header is written again with the first commit of the next log.
bool begins_log(const DiskRecord& record) {
    return record.kind == Kind::truncate || record.offset == 0;
}

CopiedLog after(CopiedLog before, const DiskRecord& record, const FileNumbers& files) {
    if (!changes_content(record) && record.kind != Kind::sync) return before;
    if (files.is_of_log(record))
        return changes_content(record) && begins_log(record) ? CopiedLog::not_yet : before;
    if (!files.is_of_database(record)) return before;
    if (changes_content(record)) return CopiedLog::unsynced;
    return before == CopiedLog::unsynced ? CopiedLog::synced : before;
}

}  // namespace

std::vector<CopiedLog> copied_log(const DiskRecording& recording) {
    const FileNumbers files(recording);
    std::vector<CopiedLog> all{CopiedLog::not_yet};
    for (const auto& record : recording.records) all.push_back(after(all.back(), record, files));
    bool log_goes_on = false;
    for (auto i = recording.records.size(); i-- > 0;) {
        if (!log_goes_on) all[i + 1] = CopiedLog::not_yet;
        const auto& record = recording.records[i];
        if (files.is_of_log(record) && changes_content(record)) log_goes_on = !begins_log(record);
    }
    return all;
}

}  // namespace oracode::test
