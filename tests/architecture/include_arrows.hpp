#pragma once

#include <string>
#include <string_view>
#include <vector>

// Checks that the arrows between modules point one way. Works on text alone, so that a bad example can be
// tested without a folder of files.
namespace tianqu::architecture {

struct Module {
    std::string name;
    std::string directory;  // relative to the repository, "src/dispatch"
    bool pure = false;
    std::vector<std::string> depends;
};

struct SourceFile {
    std::string path;  // relative to the repository, "src/dispatch/solver.hpp"
    std::string text;
};

// Each complaint reads "file:line: what is wrong"; empty when all is well.
using Complaints = std::vector<std::string>;

// Unknown names, two modules of one name, cycles, and pure modules that lean on impure ones.
[[nodiscard]] Complaints check_modules(const std::vector<Module>& modules);

// Includes of modules that the file's module does not declare, heavy third-party headers in our headers,
// and sockets, databases or clocks in a pure module.
[[nodiscard]] Complaints check_file(const SourceFile& file, const std::vector<Module>& modules);

// The list that the build writes to <build>/modules.json. Throws when it cannot be read.
[[nodiscard]] std::vector<Module> read_module_list(const std::string& path);

}  // namespace tianqu::architecture
