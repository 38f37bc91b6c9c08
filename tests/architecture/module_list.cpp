#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/architecture/include_arrows.hpp"

namespace tianqu::architecture {

std::vector<Module> read_module_list(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) throw std::runtime_error("cannot read " + path);
    std::ostringstream text;
    text << stream.rdbuf();

    std::vector<Module> modules;
    for (const auto& entry : boost::json::parse(text.str()).as_array()) {
        Module module;
        module.name = boost::json::value_to<std::string>(entry.at("name"));
        module.directory = boost::json::value_to<std::string>(entry.at("directory"));
        module.pure = entry.at("pure").as_bool();
        module.depends = boost::json::value_to<std::vector<std::string>>(entry.at("depends"));
        modules.push_back(std::move(module));
    }
    return modules;
}

}  // namespace tianqu::architecture
