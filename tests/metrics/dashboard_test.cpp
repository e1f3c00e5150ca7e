// The alerts and the dashboard that are delivered, judged by Prometheus' own tool.
#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/paths.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

json::value dashboard() {
    return json::parse(contents(source_path("config/grafana-dashboard.json")));
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

TEST(Alerts, FireWhereTheyHaveToAndNowhereElse) {
    const auto judged = run({"/usr/bin/env", "promtool", "test", "rules",
                             source_path("tests/metrics/prometheus-rules.test.yml")});
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
}

TEST(Alerts, AreEachTestedFiringAndQuiet) {
    const auto rules = contents(source_path("config/prometheus-rules.yml"));
    const auto tests = contents(source_path("tests/metrics/prometheus-rules.test.yml"));
    std::size_t alerts = 0;
    const std::string head = "- alert: ";
    for (auto at = rules.find(head); at != std::string::npos; at = rules.find(head, at + 1)) {
        const auto begin = at + head.size();
        const auto name = rules.substr(begin, rules.find('\n', begin) - begin);
        EXPECT_NE(tests.find("- alertname: " + name + "\n"), std::string::npos) << name;
        EXPECT_NE(tests.find("{alertname: " + name + ", eval_time"), std::string::npos) << name;
        const auto text = rules.substr(begin, rules.find(head, begin) - begin);
        EXPECT_NE(text.find("\n          description: "), std::string::npos) << name;
        ++alerts;
    }
    EXPECT_GE(alerts, 15U);
}

// As recording rules, for promtool knows those.
TEST(Dashboard, AsksWhatPrometheusUnderstands) {
    json::array rules;
    const auto add = [&rules](const json::value& asked) {
        auto expression = replaced(asked.at("expr").as_string().c_str(), "$__rate_interval", "5m");
        expression = replaced(std::move(expression), "$instance", ".*");
        EXPECT_EQ(expression.find('$'), std::string::npos) << expression;
        rules.push_back({{"record", "panel" + std::to_string(rules.size())}, {"expr", expression}});
    };
    const auto board = dashboard();
    for (const auto& panel : board.at("panels").as_array())
        for (const auto& target : panel.at("targets").as_array()) add(target);
    for (const auto& marks : board.at("annotations").at("list").as_array()) add(marks);
    EXPECT_GE(rules.size(), 20U);
    const json::value file{{"groups", {{{"name", "dashboard"}, {"rules", rules}}}}};
    const TemporaryFolder folder;
    const auto judged = run(  // JSON is YAML
        {"/usr/bin/env", "promtool", "check", "rules",
         folder.write("rules.yml", json::serialize(file))});
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
}

TEST(Dashboard, HasPanelsThatDoNotOverlap) {
    std::set<std::pair<std::int64_t, std::int64_t>> taken;
    std::set<std::int64_t> ids;
    const auto board = dashboard();
    for (const auto& panel : board.at("panels").as_array()) {
        EXPECT_FALSE(panel.at("title").as_string().empty());
        EXPECT_FALSE(panel.at("description").as_string().empty()) << panel.at("title");
        EXPECT_TRUE(ids.insert(panel.at("id").as_int64()).second) << panel.at("title");
        const auto& place = panel.at("gridPos");
        const auto left = place.at("x").as_int64();
        const auto top = place.at("y").as_int64();
        EXPECT_LE(left + place.at("w").as_int64(), 24) << panel.at("title");
        for (auto x = left; x < left + place.at("w").as_int64(); ++x)
            for (auto y = top; y < top + place.at("h").as_int64(); ++y)
                EXPECT_TRUE(taken.insert({x, y}).second) << panel.at("title");
    }
}

}  // namespace
}  // namespace oracode::test
