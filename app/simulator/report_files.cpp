#include <fstream>

#include "app/simulator/fleet.hpp"

namespace tianqu::simulator {

namespace {

Status write_file(const std::filesystem::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.flush();
    if (stream) return {};
    return fail(Error{ErrorCode::storage_failure, "无法写入文件 / cannot write the file", {{"file", file.string()}}});
}

}  // namespace

Status write_report(const std::filesystem::path& file, const simulation::Report& report, const grid::Network& network) {
    if (auto written = write_file(file, simulation::to_json(report) + "\n"); !written) return written;
    std::filesystem::path meters = file;
    meters.replace_extension();
    meters += "-meters.csv";
    return write_file(meters, simulation::meters_csv(report, network));
}

}  // namespace tianqu::simulator
