{# Why opening hours that the API lists are rejected; see rejection_reason(). #}
{% macro opening_hours_rules() -%}
    {{ return([
        ("'store_name: missing'", "coalesce(store_name, '') = ''"),
        (
            "'store_name: not in the list of stores'",
            "coalesce(store_name, '') != '' and not is_store_known"
        ),
        ("'iso_weekday: not 1 to 7'", 'coalesce(iso_weekday not between 1 and 7, true)'),
        (
            "'opens_at: not a time'",
            'opens_at_reported is not null and opens_at_minute is null'
        ),
        (
            "'closes_at: not a time'",
            'closes_at_reported is not null and closes_at_minute is null'
        ),
        ("'opens_at: missing'", 'opens_at_reported is null and closes_at_reported is not null'),
        ("'closes_at: missing'", 'closes_at_reported is null and opens_at_reported is not null'),
        ("'closes_at: not after opens_at'", 'closes_at_minute <= opens_at_minute'),
        (
            "'iso_weekday: listed twice'",
            'iso_weekday is not null and rows_of_weekday > 1'
        ),
    ]) }}
{%- endmacro %}
