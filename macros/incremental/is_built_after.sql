{# True. A load counts as built once the load reconciliation accounts for it, so that one has to be
   built after every model that loads are built into: dbt orders models by what they read. #}
{% macro is_built_after(models) -%}
    0 <= (
        {%- for model in models %}
        (select count(*) from {{ model }}){% if not loop.last %} +{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
