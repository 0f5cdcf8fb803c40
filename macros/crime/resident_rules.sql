{# Why the residents of an area in a year are rejected; see rejection_reason(). #}
{% macro resident_rules() -%}
    {{ return([
        ("'acs_year: missing'", 'acs_year_reported is null'),
        (
            "'acs_year: no year'",
            'acs_year_reported is not null and coalesce(acs_year not between 2000 and 2100, true)'
        ),
        ("'community_area: missing'", 'community_area_reported is null'),
        (
            "'community_area: no known community area'",
            'community_area_reported is not null and community_area_id is null'
        ),
        ("'total_population: missing'", 'residents_reported is null'),
        (
            "'total_population: no number of residents'",
            'residents_reported is not null and coalesce(residents < 0, true)'
        ),
    ]) }}
{%- endmacro %}


{# A name of a community area without what is written in several ways: case, blanks, and marks as in
   `O'HARE` and `OHARE`. #}
{% macro bare_name(name) -%}
    translate(upper({{ name }}), ' .-' || chr(39), '')
{%- endmacro %}
