{# avg_visits_last_4 and pct_diff: this slot against the mean of it and the three calendar slots of the
   same kind before it, over those that were measured.

   `slots_before` brings the three slots before (of the same partition and weekday) beside each slot.
   Of these, one that is older than 21 days is none of the three: a slot that is not there, such as
   an hour that spring skips, does not pull in an older one. #}
{% macro slots_before(partition) -%}
    {%- for number in [1, 2, 3] -%}
    {%- for column in ['visits', 'traffic_date'] %}
        lag({{ column }}, {{ number }}) over (
            partition by {{ partition }}, iso_weekday
            order by traffic_date asc
        ) as {{ column }}_{{ number }}
    {%- if not loop.last %},{% endif %}
    {%- endfor -%}
    {%- if not loop.last %},{% endif -%}
    {%- endfor %}
{%- endmacro %}


{% macro visits_last_4() -%}
    coalesce(visits, 0)
    {%- for number in [1, 2, 3] %}
    + case
        when traffic_date_{{ number }} >= {{ plus_days('traffic_date', -21) }}
            then coalesce(visits_{{ number }}, 0)
        else 0
    end
    {%- endfor %}
{%- endmacro %}


{% macro slots_last_4() -%}
    case when visits is null then 0 else 1 end
    {%- for number in [1, 2, 3] %}
    + case
        when
            visits_{{ number }} is not null
            and traffic_date_{{ number }} >= {{ plus_days('traffic_date', -21) }}
            then 1
        else 0
    end
    {%- endfor %}
{%- endmacro %}
