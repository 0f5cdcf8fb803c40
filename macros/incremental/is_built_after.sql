{# A condition that is always true, to make dbt build a model after `models`: dbt orders models by
   what they read. A load counts as built once the load reconciliation accounts for it, which
   therefore has to be built after every model that loads are built into. #}
{% macro is_built_after(models) -%}
    0 <= (
        {%- for model in models %}
        (select count(*) from {{ model }}){% if not loop.last %} +{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
