#include "tests/architecture/include_arrows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The checker itself: each rule must be able to fail.
namespace tianqu::architecture {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Module> town() {
    return {{.name = "base", .directory = "src/base", .pure = false, .depends = {}},
            {.name = "grid", .directory = "src/grid", .pure = true, .depends = {"base"}},
            {.name = "dispatch", .directory = "src/dispatch", .pure = true, .depends = {"grid"}},
            {.name = "ports", .directory = "src/ports", .pure = false, .depends = {"base"}},
            {.name = "sqlite", .directory = "src/adapters/sqlite", .pure = false, .depends = {"base", "ports"}},
            {.name = "server", .directory = "app/server", .pure = false, .depends = {"dispatch", "sqlite"}}};
}

Complaints check(const std::string& path, const std::string& text) {
    return check_file({.path = path, .text = text}, town());
}

TEST(CheckFile, AcceptsOwnDeclaredAndStandardHeaders) {
    EXPECT_THAT(check("src/dispatch/solver.cpp",
                      "#include \"dispatch/solver.hpp\"\n#include <vector>\n#  include \"grid/tree.hpp\"\n"),
                IsEmpty());
    EXPECT_THAT(check("app/server/main.cpp", "#include \"app/server/service.hpp\"\n#include \"dispatch/solver.hpp\"\n"),
                IsEmpty());
}

TEST(CheckFile, LetsTestsShareHelpers) {
    const std::string text = "#include \"tests/contract/temporary_directory.hpp\"\n";
    EXPECT_THAT(check("app/server/tests/service_test.cpp", text), IsEmpty());
    EXPECT_THAT(check("app/server/main.cpp", text), ElementsAre(HasSubstr("in no module")));
}

TEST(CheckFile, RefusesAnUndeclaredModule) {
    EXPECT_THAT(check("src/grid/tree.cpp", "#include <vector>\n#include \"dispatch/solver.hpp\"\n"),
                ElementsAre(HasSubstr("src/grid/tree.cpp:2: module grid includes \"dispatch/solver.hpp\"")));
    EXPECT_THAT(check("src/grid/tests/tree_test.cpp", "#include \"ports/journal.hpp\"\n"),
                ElementsAre(HasSubstr("DEPENDS ports")));
    EXPECT_THAT(check("src/adapters/sqlite/a.cpp", "#include \"app/server/service.hpp\"\n"),
                ElementsAre(HasSubstr("DEPENDS server")));
}

TEST(CheckFile, RefusesAModuleReachedOnlyThroughAnother) {
    EXPECT_THAT(check("src/dispatch/solver.cpp", "#include \"base/units.hpp\"\n"),
                ElementsAre(HasSubstr("DEPENDS base")));
}

TEST(CheckFile, RefusesAModuleHiddenInAngleBrackets) {
    EXPECT_THAT(check("src/grid/tree.cpp", "#include <dispatch/solver.hpp>\n"),
                ElementsAre(HasSubstr("DEPENDS dispatch")));
}

TEST(CheckFile, RefusesARelativeHeader) {
    EXPECT_THAT(check("src/grid/tree.cpp", "#include \"tree.hpp\"\n"), ElementsAre(HasSubstr("in no module")));
}

TEST(CheckFile, RefusesHeavyHeadersInHeadersOnly) {
    const std::string text = "#pragma once\n#include <sqlite3.h>\n";
    EXPECT_THAT(check("src/adapters/sqlite/store.hpp", text), ElementsAre(HasSubstr("heavy header <sqlite3.h>")));
    EXPECT_THAT(check("src/adapters/sqlite/store.cpp", text), IsEmpty());
    for (const char* header : {"boost/beast/core.hpp", "toml++/toml.h", "spdlog/spdlog.h"}) {
        const std::string include = "#pragma once\n#include <" + std::string(header) + ">\n";
        EXPECT_THAT(check("src/base/any.hpp", include), ElementsAre(HasSubstr("heavy header"))) << header;
    }
}

TEST(CheckFile, RefusesTheOutsideWorldInAPureModule) {
    EXPECT_THAT(check("src/grid/a.cpp", "#include <sys/socket.h>\n"), ElementsAre(HasSubstr("pure module grid")));
    EXPECT_THAT(check("src/grid/a.cpp", "#include <thread>\n"), ElementsAre(HasSubstr("pure module grid")));
    EXPECT_THAT(check("src/grid/a.cpp", "#include <boost/asio.hpp>\n"), ElementsAre(HasSubstr("pure module grid")));
    EXPECT_THAT(check("src/grid/a.cpp", "#include <boost/json.hpp>\n"), IsEmpty());
    EXPECT_THAT(check("src/grid/a.cpp", "auto t = std::chrono::system_clock::now();\n"),
                ElementsAre(HasSubstr("hidden input")));
    EXPECT_THAT(check("src/grid/a.cpp", "// system_clock::now() comes in as an argument\n"), IsEmpty());
    EXPECT_THAT(check("src/ports/a.cpp", "auto t = std::chrono::system_clock::now();\n"), IsEmpty());
}

TEST(CheckFile, RefusesAHeaderWithoutPragmaOnceAndAFileOfNoModule) {
    EXPECT_THAT(check("src/grid/tree.hpp", "struct Tree {};\n"), ElementsAre(HasSubstr("#pragma once")));
    EXPECT_THAT(check("src/attic/old.cpp", ""), ElementsAre(HasSubstr("belongs to no module")));
    EXPECT_THAT(check("src/grids/old.cpp", ""), ElementsAre(HasSubstr("belongs to no module")));
}

TEST(CheckModules, AcceptsOneWayArrows) { EXPECT_THAT(check_modules(town()), IsEmpty()); }

TEST(CheckModules, RefusesCyclesUnknownNamesAndImpureGround) {
    auto modules = town();
    modules[0].depends = {"grid"};
    EXPECT_THAT(check_modules(modules), testing::Contains(HasSubstr("a cycle, base -> grid -> base")));

    modules = town();
    modules[1].depends = {"base", "tariffs"};
    EXPECT_THAT(check_modules(modules), ElementsAre(HasSubstr("DEPENDS tariffs, which does not exist")));

    modules = town();
    modules[2].depends = {"ports"};
    EXPECT_THAT(check_modules(modules), ElementsAre(HasSubstr("pure, but DEPENDS ports")));

    modules = town();
    modules.push_back(modules[1]);
    EXPECT_THAT(check_modules(modules), testing::Contains(HasSubstr("a second module named grid")));
}

}  // namespace
}  // namespace tianqu::architecture
