{# The domains, and what each calls the parts of its frame: what `core` needs to union them.

   name: the schema of its marts. source: as the command line names it. part: what is compared with
   the source, a column of <entity>_source_reconciliation. data_set: the data set of a load, as SQL.
   #}
{% macro domains() -%}
    {{ return([
        {
            'name': 'crime', 'source': 'chicago-crime', 'staging': 'chicago_crime',
            'entity': 'crime', 'entities': 'crimes',
            'part': 'source_dataset', 'data_set': 'source_dataset'
        },
        {
            'name': 'footfall', 'source': 'store-sensors', 'staging': 'store_sensors',
            'entity': 'reading', 'entities': 'readings',
            'part': 'store_name', 'data_set': "'readings'"
        },
        {
            'name': 'education', 'source': 'pisa', 'staging': 'pisa',
            'entity': 'submission', 'entities': 'submissions',
            'part': 'country_code', 'data_set': "'submissions'"
        },
    ]) }}
{%- endmacro %}


{# The rows of the same model of every domain: a query of (domain, source_name, <columns>).

   model, columns: with what differs between domains in braces, such as
   `{entity}_load_reconciliation` or `{part} as part`; see domains(). #}
{% macro union_domains(model, columns) -%}
    {%- for domain in domains() %}
    select
        '{{ domain.name }}' as domain,
        '{{ domain.source }}' as source_name,
        {{ (columns | join(',\n        ')).format(**domain) }}
    from {{ ref(model.format(**domain)) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
