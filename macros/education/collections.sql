{# A collection is what one source gathered of a country's students at one time: the submissions to
   its database, or the students of the survey's files of one cycle. A mean is of one collection:
   two of them have other students, and the same ones twice would count double. #}


{# The columns that say which collection of its country a submission is of. #}
{% macro collection() -%}
    country_code, submission_source, survey_cycle
{%- endmacro %}


{# The order of a country's collections, the one that charts show first: its database, which
   gathers now, then the files' newest cycle; files whose cycle is unknown come last. #}
{% macro newest_collection_first() -%}
    partition by country_code
    order by submission_source asc, survey_cycle desc nulls last
{%- endmacro %}


{# Joins standard errors to the sums of a collection. Only files have replicate weights. #}
{% macro is_same_collection(sums, errors) -%}
    {{ sums }}.country_code = {{ errors }}.country_code
    and {{ sums }}.submission_source = 'file'
    and {{ sums }}.survey_cycle is not distinct from {{ errors }}.survey_cycle
{%- endmacro %}
