#include "settings/notify_tables.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "settings/files.hpp"
#include "settings/secrets.hpp"
#include "settings/wording.hpp"

namespace oracode::settings {
namespace {

std::string known_names() {
    std::string names;
    for (const auto& key : all_target_keys()) names += (names.empty() ? "" : ", ") + key.name;
    return names;
}

// One table while it is read.
class Table {
public:
    Table(Loading& loading, const ListedTable& table, const std::string& source)
        : loading_(loading), table_(table), source_(source) {
        for (const auto& entry : table.entries) take(entry);
        read("url", "url_file", target_.url_file);
        read("secret", "secret_file", target_.secret_file);
        check();
    }

    [[nodiscard]] const NotifyTarget& target() const { return target_; }

    void refuse(std::string_view key, std::string sentence) {
        refused_.emplace(key);
        loading_.problems.push_back(about(key, std::move(sentence)));
    }

private:
    void take(const Entry& entry) {
        lines_[entry.name] = entry.given.line;
        const auto* key = find_target_key(entry.name);
        if (key == nullptr)
            return refuse(entry.name, fmt::format("there is no key of this name; a target has {}",
                                                  known_names()));
        take(*key, entry.given);
    }

    void take(const TargetKey& key, const Given& given) {
        for (auto& fault : key.take(target_, given, key.hidden)) {
            refused_.emplace(key.name);
            loading_.problems.push_back({given.source, fault.line == 0 ? given.line : fault.line,
                                         key.description.key, std::move(fault.sentence)});
        }
    }

    void read(std::string_view key, std::string_view file_key, const std::filesystem::path& file) {
        if (file.empty()) return;
        if (lines_.contains(key))
            return refuse(file_key, fmt::format("and notify.{} exclude each other: set one", key));
        const auto lines = read_lines_of_secrets(loading_, file, false, [&](std::string sentence) {
            refuse(file_key, std::move(sentence));
        });
        if (!lines) return;
        take(*find_target_key(key), *lines);
        lines_.emplace(key, lines_.find(file_key)->second);
        if (is_open_to_everyone(file))
            warn(file_key,
                 "every user of this machine can read the file; chmod o-r takes that back");
    }

    void check() {
        require("name", target_.name.empty(), "is missing: every target has a name");
        require("url", !target_.url, "is missing: set it or notify.url_file");
        require("types", target_.types.empty(), "is empty: the target would be sent nothing");
        const bool signs = target_.format == NotificationFormat::webhook;
        if (!refused("format")) {
            require("secret", signs && target_.secret.empty(),
                    "is missing: the format webhook is signed with it; openssl rand -base64 32 "
                    "makes one");
            if (!signs && !target_.secret.empty())
                warn("secret",
                     fmt::format("is not used: the format {} is not signed", name(target_.format)));
        }
        if (target_.url && !target_.url->is_confidential())
            warn("url", "is plain http: whoever is on the way can read and change what is sent");
    }

    void require(std::string_view key, bool fails, std::string sentence) {
        if (fails && !refused(key) && !refused(fmt::format("{}_file", key)))
            refuse(key, std::move(sentence));
    }

    void warn(std::string_view key, std::string sentence) {
        loading_.result.warnings.push_back(about(key, std::move(sentence)));
    }

    [[nodiscard]] bool refused(std::string_view key) const { return refused_.contains(key); }

    // Where the key stands; where it does not, the table.
    [[nodiscard]] Problem about(std::string_view key, std::string sentence) const {
        const auto line = lines_.find(key);
        return {source_, line == lines_.end() ? table_.line : line->second,
                fmt::format("{}.{}", notify_tables, key), std::move(sentence)};
    }

    Loading& loading_;
    const ListedTable& table_;
    const std::string& source_;
    NotifyTarget target_;
    std::map<std::string, std::size_t, std::less<>> lines_;
    std::set<std::string, std::less<>> refused_;
};

}  // namespace

void take_notify_tables(Loading& loading, const Document& document, const std::string& source) {
    auto& targets = loading.result.settings.notify;
    for (const auto& listed : document.tables) {
        if (listed.name != notify_tables) continue;
        Table table(loading, listed, source);
        const auto& target = table.target();
        if (std::ranges::find(targets, target.name, &NotifyTarget::name) != targets.end())
            table.refuse("name",
                         fmt::format("two targets have the name {}", in_quotes(target.name)));
        targets.push_back(target);
    }
}

}  // namespace oracode::settings
