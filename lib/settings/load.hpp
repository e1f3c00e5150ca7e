// Reads the settings from file, environment and command line. `main` calls it at start and on
// SIGHUP; nothing here logs, keeps state or reads the process's environment by itself.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "settings/settings.hpp"

namespace oracode::settings {

// Something in the settings that is wrong. No text here ever holds a secret.
struct Problem {
    std::string source;    // a file's path, an environment variable, or "command line"
    std::size_t line = 0;  // in that file, from 1; 0 where there is none
    std::string key;       // "webhook.max_body"; empty if the file as a whole is meant
    std::string sentence;

    friend bool operator==(const Problem&, const Problem&) = default;
};

// "/etc/oracoded/oracoded.toml:12: webhook.max_body: must be a size …"
[[nodiscard]] std::string to_string(const Problem& problem);

// Why there are no settings: every problem of every source at once, at least one.
struct ConfigErrors {
    std::vector<Problem> problems;
};
// All of them on one line.
[[nodiscard]] std::string to_string(const ConfigErrors& refusal);
[[noreturn]] void throw_exception_from_error(const ConfigErrors& refusal,
                                             const boost::source_location& where);

struct Loaded {
    Settings settings;
    std::vector<Problem> warnings;  // tolerated, but the operator should hear of it
    std::vector<std::filesystem::path>
        files_read;  // the file itself, and those with secrets: watch these
};

using Environment = std::map<std::string, std::string, std::less<>>;
// As `main` gets it or `environ` has it: null-terminated, NAME=VALUE.
[[nodiscard]] Environment environment_from(const char* const* variables);

struct Override {
    std::string key;  // "webhook.max_body"
    std::string value;
};

struct Sources {
    std::optional<std::filesystem::path> file;  // without one: defaults and the environment
    std::optional<std::string> text;            // taken instead of what `file` holds
    Environment environment;
    std::vector<Override> flags;
};

// Flags beat the environment, which beats the file, which beats the defaults; what is overridden
// must be valid all the same. An empty variable counts as not set. A relative path in the file
// starts at the file's folder, elsewhere at the working directory. Of `secrets` and `secrets_file`
// (likewise api_key, tokens) the stronger source wins; both in one source are refused. If neither
// is given: $CREDENTIALS_DIRECTORY/{webhook.secrets, seam.api_key, api.tokens}, then
// SEAM_WEBHOOK_SECRET and SEAM_API_KEY. Certificates and keys not given are taken from
// $CREDENTIALS_DIRECTORY/{webhook,api}.{certificate,private_key}, the database from
// $STATE_DIRECTORY.
[[nodiscard]] boost::system::result<Loaded, ConfigErrors> load(const Sources& sources);

struct KeyDescription {
    std::string key;        // "webhook.max_body"
    std::string variable;   // "ORACODED_WEBHOOK_MAX_BODY"
    std::string_view help;  // one line, no full stop
    std::string expected;   // what a value, or one of a list, has to be
    bool list = false;      // in the environment and in flags: separated by commas or newlines
    bool secret = false;    // refused on the command line, where everybody can read it
    bool reloadable = false;
};

// Every key there is, in the order of the documentation.
[[nodiscard]] std::vector<KeyDescription> describe_keys();

// Those of the [[notify]] tables, which only the file has: `variable` is empty.
[[nodiscard]] std::vector<KeyDescription> describe_target_keys();

// The keys in which the two differ and which take effect only at a restart.
[[nodiscard]] std::vector<std::string> keys_needing_restart(const Settings& running,
                                                            const Settings& loaded);

}  // namespace oracode::settings
