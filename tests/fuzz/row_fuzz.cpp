// Rows as they lie in the file, also of earlier releases and of none: reading them is safe whatever
// their bytes are, and a row that was read is stored as one that reads the same.
#include <memory>

#include <fmt/format.h>
#include <fuzzer/FuzzedDataProvider.h>

#include "input.hpp"
#include "representation/access_code_json.hpp"
#include "store/sqlite/code_rows.hpp"

namespace {

using namespace oracode;
using fuzz::require;
using store::CodeRow;

class Table {
public:
    Table() : database_(":memory:", store::Database::Access::read_write) {
        database_.execute(fmt::format("CREATE TABLE t ({})", store::code_columns).c_str());
        std::string places = "?1";
        for (int i = 2; i <= store::code_column_count; ++i) places += fmt::format(", ?{}", i);
        insert_ = std::make_unique<store::Statement>(
            database_, fmt::format("INSERT INTO t VALUES ({})", places));
        select_ = std::make_unique<store::Statement>(
            database_, fmt::format("SELECT {} FROM t", store::code_columns));
        clear_ = std::make_unique<store::Statement>(database_, "DELETE FROM t");
    }

    template <class Bind>
    CodeRow stored(const Bind& bind) {
        clear_->run();
        bind(*insert_);
        auto rows = select_->query();
        require(rows.next());
        return store::decode_row(rows);
    }

    CodeRow stored(const CodeRow& row) {
        return stored([&](store::Statement& insert) {
            const store::BoundCode bound(insert, row);
            insert.run();
        });
    }

private:
    store::Database database_;
    std::unique_ptr<store::Statement> insert_;
    std::unique_ptr<store::Statement> select_;
    std::unique_ptr<store::Statement> clear_;
};

// Any type in any column; the last ones are the packed lists.
CodeRow row_of(Table& table, FuzzedDataProvider& input) {
    return table.stored([&](store::Statement& insert) {
        std::vector<std::string> kept(static_cast<std::size_t>(store::code_column_count));
        for (int column = store::code_column_count; column >= 1; --column) {
            auto& bytes = kept.at(static_cast<std::size_t>(column - 1));
            switch (input.ConsumeIntegralInRange(0, 3)) {
                case 0:
                    insert.bind(column, nullptr);
                    break;
                case 1:
                    insert.bind(column, input.ConsumeIntegral<std::int64_t>());
                    break;
                case 2:
                    bytes = input.ConsumeRandomLengthString(60);
                    insert.bind(column, std::string_view(bytes));
                    break;
                default:
                    bytes = input.ConsumeRandomLengthString(260);
                    insert.bind(column, store::Blob{bytes});
                    break;
            }
        }
        insert.run();
    });
}

void require_same(const CodeRow& a, const CodeRow& b) {
    require(a.code == b.code && a.code_no == b.code_no && a.last_event == b.last_event);
    require(a.last_change == b.last_change && a.open_alerts == b.open_alerts);
    require(a.event_fingerprints == b.event_fingerprints);
}

void check_fingerprints(std::string fingerprints, const std::string& id) {
    const auto fingerprint = store::fingerprint_of(id);
    store::add_fingerprint(fingerprints, fingerprint);
    require(fingerprints.size() % 4 != 0 || store::has_fingerprint(fingerprints, fingerprint));
    require(fingerprints.size() < 1024 + 264);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Table table;
    FuzzedDataProvider input(data, size);
    const auto row = row_of(table, input);
    const auto again = table.stored(row);
    require_same(again, table.stored(again));
    require(again.code == row.code);
    check_fingerprints(row.event_fingerprints, row.code.access_code_id);
    return 0;
}
