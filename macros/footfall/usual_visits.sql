{# The columns avg_visits_last_4 and pct_diff: this slot and the three preceding calendar slots of the
   same kind, over those that were measured. `partition` tells the kind, next to the weekday.
   The frame goes by days, so that a slot that is not there does not pull in an older one. #}
{% macro usual_visits_window(partition) -%}
    partition by {{ partition }}, iso_weekday
    order by traffic_date asc
    range between interval 21 days preceding and current row
{%- endmacro %}

{% macro avg_visits_last_4(total='visits_last_4', slots='slots_last_4') -%}
    {{ exact_ratio(total, slots) }}
{%- endmacro %}

{% macro pct_diff(visits='visits', total='visits_last_4', slots='slots_last_4') -%}
    {{ exact_ratio('(' ~ visits ~ ' * ' ~ slots ~ ' - ' ~ total ~ ')', total, 100) }}
{%- endmacro %}
