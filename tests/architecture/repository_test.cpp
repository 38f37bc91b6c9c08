#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/architecture/include_arrows.hpp"

// The checker over the repository itself.
namespace tianqu::architecture {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

bool is_source(const fs::path& path) {
    const auto extension = path.extension();
    return extension == ".cpp" || extension == ".hpp" || extension == ".h";
}

std::vector<SourceFile> all_sources() {
    const fs::path root = TIANQU_SOURCE_DIR;
    std::vector<SourceFile> files;
    for (const char* folder : {"src", "app"}) {
        if (!fs::exists(root / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            if (!entry.is_regular_file() || !is_source(entry.path())) continue;
            files.push_back({fs::relative(entry.path(), root).generic_string(), read(entry.path())});
        }
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

std::string lines_of(const Complaints& complaints) {
    std::string text;
    for (const auto& complaint : complaints) text += "\n  " + complaint;
    return text;
}

std::vector<Module> modules() { return read_module_list(std::string(TIANQU_BINARY_DIR) + "/modules.json"); }

TEST(Repository, DeclaredArrowsFormNoCycle) {
    const Complaints complaints = check_modules(modules());
    EXPECT_TRUE(complaints.empty()) << lines_of(complaints);
}

TEST(Repository, EveryIncludeFollowsADeclaredArrow) {
    const std::vector<Module> known = modules();
    const std::vector<SourceFile> files = all_sources();
    ASSERT_FALSE(known.empty());
    ASSERT_FALSE(files.empty());
    Complaints all;
    for (const SourceFile& file : files) {
        for (auto& complaint : check_file(file, known)) all.push_back(std::move(complaint));
    }
    EXPECT_TRUE(all.empty()) << lines_of(all);
}

}  // namespace
}  // namespace tianqu::architecture
