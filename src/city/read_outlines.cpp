#include <boost/json.hpp>
#include <cmath>
#include <set>

#include "base/csv.hpp"
#include "city/reading.hpp"

namespace tianqu::city {

namespace {

namespace json = boost::json;

constexpr std::size_t max_outline_bytes = 4 << 20;

class OutlineReader {
public:
    explicit OutlineReader(Reading& reading) : reading_(reading), file_(reading.shown("outlines.geojson")) {}

    void read(const std::string& text) {
        text_ = &text;
        if (text.size() > max_outline_bytes) {
            refuse(1, "(file)", std::to_string(text.size()) + " bytes", "at most 4 MiB");
            return;
        }
        boost::system::error_code error;
        json::stream_parser parser;
        const auto consumed = parser.write_some(text.data(), text.size(), error);
        if (!error && !parser.done()) parser.finish(error);
        if (error) {
            refuse(line_at(consumed), "(syntax)", error.message(), "a JSON document");
            return;
        }
        const auto document = parser.release();
        const auto* const features = array_of(document, "features");
        if (features == nullptr || text_of(document, "type") != "FeatureCollection") {
            refuse(1, "type", text_of(document, "type"), "a FeatureCollection with features");
            return;
        }
        for (std::size_t at = 0; at < features->size(); ++at) read_feature((*features)[at], at);
        for (const auto& county : reading_.city.counties) {
            if (!county.part_of.empty() || outlined_.contains(county.code)) continue;
            refuse(1, "features", county.code, "an outline of " + county.name_zh + ", or part_of in counties.csv");
        }
        reading_.city.outlines_geojson = text;
    }

private:
    static const json::value* member(const json::value& value, std::string_view name) {
        const auto* const object = value.if_object();
        return object == nullptr ? nullptr : object->if_contains(name);
    }
    static const json::array* array_of(const json::value& value, std::string_view name) {
        const auto* const found = member(value, name);
        return found == nullptr ? nullptr : found->if_array();
    }
    static std::string text_of(const json::value& value, std::string_view name) {
        const auto* const found = member(value, name);
        if (found == nullptr || found->if_string() == nullptr) return "";
        return std::string(std::string_view(found->get_string()));
    }

    void read_feature(const json::value& feature, std::size_t at) {
        const auto name = "features[" + std::to_string(at) + "]";
        const auto* const properties = member(feature, "properties");
        const auto code = properties == nullptr ? std::string{} : text_of(*properties, "code");
        const auto line = line_of(code);
        if (reading_.city.find_county(code) == nullptr) {
            if (!reading_.city.counties.empty()) {
                refuse(line, name + ".properties.code", code, "the code of a county in counties.csv");
            }
        } else if (!outlined_.insert(code).second) {
            refuse(line, name + ".properties.code", code, "one outline a county");
        }
        const auto* const geometry = member(feature, "geometry");
        const auto type = geometry == nullptr ? std::string{} : text_of(*geometry, "type");
        const auto* const coordinates = geometry == nullptr ? nullptr : array_of(*geometry, "coordinates");
        bool well_formed = coordinates != nullptr && !coordinates->empty();
        if (well_formed && type == "Polygon") {
            well_formed = is_polygon(*coordinates);
        } else if (well_formed && type == "MultiPolygon") {
            for (const auto& polygon : *coordinates)
                well_formed &= polygon.is_array() && is_polygon(polygon.get_array());
        } else {
            well_formed = false;
        }
        if (!well_formed) {
            refuse(line, name + ".geometry", type,
                   "a Polygon or MultiPolygon of closed rings of degrees, longitude first");
        }
    }

    static bool is_polygon(const json::array& rings) {
        if (rings.empty()) return false;
        for (const auto& ring : rings) {
            const auto* const points = ring.if_array();
            if (points == nullptr || points->size() < 4 || points->front() != points->back()) return false;
            for (const auto& point : *points) {
                if (!is_point(point)) return false;
            }
        }
        return true;
    }

    static bool is_point(const json::value& value) {
        const auto* const pair = value.if_array();
        if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_number() || !(*pair)[1].is_number()) return false;
        const auto lon = (*pair)[0].to_number<double>();
        const auto lat = (*pair)[1].to_number<double>();
        return std::isfinite(lon) && std::isfinite(lat) && std::abs(lon) <= 180 && std::abs(lat) <= 90;
    }

    [[nodiscard]] std::size_t line_at(std::size_t position) const {
        return 1 + static_cast<std::size_t>(
                       std::count(text_->begin(), text_->begin() + static_cast<std::ptrdiff_t>(position), '\n'));
    }
    /// Where the code stands as a value: the parser keeps no lines.
    [[nodiscard]] std::size_t line_of(const std::string& code) const {
        const auto position = code.empty() ? std::string::npos : text_->find('"' + code + '"');
        return position == std::string::npos ? 1 : line_at(position);
    }
    void refuse(std::size_t line, std::string_view field, std::string_view value, std::string_view expected) {
        reading_.problems.push_back(input_error(file_, line, field, value, expected));
    }

    Reading& reading_;
    std::string file_;
    const std::string* text_ = nullptr;
    std::set<std::string> outlined_;
};

}  // namespace

void read_outlines(Reading& reading) {
    const auto* const text = reading.file("outlines.geojson");
    if (text != nullptr) OutlineReader(reading).read(*text);
}

}  // namespace tianqu::city
