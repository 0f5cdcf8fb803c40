{# Table functions of the published file, by which analysts compute a mean, or the difference of two
   means, with its standard error. They are DuckDB's table macros: whatever is given for `measure`,
   `by` and `filter` is an expression over the columns of a student, put in the function's query.

   Each country of each survey is a sample of its own: replicate r of one has nothing to do with
   replicate r of another. The variance is the sum over the countries of what the replicates of one
   country change, with the weights of the others as they are. For one country that is the usual
   formula, for a difference of two countries the sum of their variances. #}


{# A post-hook of the model that has the replicate weights: the mean of `measure` in each group of
   each survey, over the students that have it. #}
{% macro create_weighted_mean(submissions, weights) -%}
    create or replace macro {{ survey_function('weighted_mean') }}(
        measure, "by" := 'all', "filter" := true, "database" := null
    ) as table
    with {{ students_measured(submissions, weights) }},

    samples as (
        select
            group_value,
            sample_source,
            sample_cycle,
            sample_country,
            {{ sums_of_sample() }}
        from students
        group by all
    ),

    groups as (
        select
            *,
            sum(total) over same_group / nullif(sum(weight) over same_group, 0) as group_mean,
            sum(total) over same_group - total as other_total,
            sum(weight) over same_group - weight as other_weight
        from samples
        window same_group as (partition by group_value, sample_source, sample_cycle)
    ),

    deviations as (
        select
            *,
            list_sum(list_transform(
                list_zip(totals, weights),
                lambda r: ((other_total + r[1]) / (other_weight + r[2]) - group_mean) ** 2
            )) as squares
        from groups
    )

    select
        group_value,
        sample_source as submission_source,
        sample_cycle as survey_cycle,
        cast(sum(students_weighted) as bigint) as n,
        any_value(group_mean) as mean,
        case
            when sum(students) = sum(students_replicated) and sum(students) > 1
                then sqrt(sum(squares) / {{ replicates() }} / {{ fay_factor_complement() }})
        end as standard_error
    from deviations
    group by all
    order by all
{%- endmacro %}


{% macro describe_weighted_mean() -%}
    comment on macro table {{ survey_function('weighted_mean') }} is
    '{{ [
        'Weighted mean of an expression over the columns of fct_student_submissions in',
        'each group, with its standard error by the replicate weights and the number of',
        'students n; a survey (source and cycle) at a time. The error is null unless each',
        'student of the group has all weights.'
    ] | join(' ') }}'
{%- endmacro %}


{# A post-hook as well: the mean of the students for whom `by` is group_a less that of group_b. #}
{% macro create_weighted_mean_difference(submissions, weights) -%}
    create or replace macro {{ survey_function('weighted_mean_difference') }}(
        measure, "by", group_a, group_b, "filter" := true, "database" := null
    ) as table
    with {{ students_measured(submissions, weights, where='"by" in (group_a, group_b)') }},

    samples as (
        select
            sample_source,
            sample_cycle,
            sample_country,
            group_value = group_a as is_a,
            {{ sums_of_sample() }}
        from students
        group by all
    ),

    -- A country has both groups, or one.
    countries as (
        select
            sample_source,
            sample_cycle,
            sum(students) as students,
            sum(students_replicated) as students_replicated,
            {%- for group, condition in (('a', 'is_a'), ('b', 'not is_a')) %}
            coalesce(sum(students_weighted) filter (where {{ condition }}), 0) as n_{{ group }},
            coalesce(sum(total) filter (where {{ condition }}), 0) as total_{{ group }},
            coalesce(sum(weight) filter (where {{ condition }}), 0) as weight_{{ group }},
            coalesce(
                any_value(totals) filter (where {{ condition }}),
                list_resize(cast([] as double[]), {{ replicates() }}, 0.0)
            ) as totals_{{ group }},
            coalesce(
                any_value(weights) filter (where {{ condition }}),
                list_resize(cast([] as double[]), {{ replicates() }}, 0.0)
            ) as weights_{{ group }},
            {%- endfor %}
            sample_country
        from samples
        group by all
    ),

    groups as (
        select
            *,
            {%- for group in ('a', 'b') %}
            sum(total_{{ group }}) over survey / nullif(sum(weight_{{ group }}) over survey, 0)
                as mean_{{ group }},
            sum(total_{{ group }}) over survey - total_{{ group }} as other_total_{{ group }},
            sum(weight_{{ group }}) over survey - weight_{{ group }} as other_weight_{{ group }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from countries
        window survey as (partition by sample_source, sample_cycle)
    ),

    deviations as (
        select
            *,
            list_sum(list_transform(
                list_zip(totals_a, weights_a, totals_b, weights_b),
                lambda r: (
                    (other_total_a + r[1]) / (other_weight_a + r[2])
                    - (other_total_b + r[3]) / (other_weight_b + r[4])
                    - (mean_a - mean_b)
                ) ** 2
            )) as squares
        from groups
    ),

    compared as (
        select
            sample_source as submission_source,
            sample_cycle as survey_cycle,
            cast(sum(n_a) as bigint) as n_a,
            cast(sum(n_b) as bigint) as n_b,
            any_value(mean_a) as mean_a,
            any_value(mean_b) as mean_b,
            any_value(mean_a - mean_b) as difference,
            case
                when sum(students) = sum(students_replicated) and sum(n_a) > 1 and sum(n_b) > 1
                    then sqrt(sum(squares) / {{ replicates() }} / {{ fay_factor_complement() }})
            end as standard_error
        from deviations
        group by all
    )

    select
        *,
        difference - {{ normal_quantile_95() }} * standard_error as difference_low,
        difference + {{ normal_quantile_95() }} * standard_error as difference_high
    from compared
    order by all
{%- endmacro %}


{% macro describe_weighted_mean_difference() -%}
    comment on macro table {{ survey_function('weighted_mean_difference') }} is
    '{{ [
        'Weighted mean of an expression in the group group_a less that in group_b, with',
        'its standard error by the replicate weights and its 95 % confidence interval; a',
        'survey (source and cycle) at a time. Students of one country are one sample,',
        'those of two countries are independent.'
    ] | join(' ') }}'
{%- endmacro %}


{# The CTE of the students that have the measure, with their group, sample and weights.

   `database` is the name by which the file is attached: a function finds tables by name, and in the
   current database unless this says another. #}
{% macro students_measured(submissions, weights, where='true') -%}
    {%- set database = 'coalesce("database", current_database())' -%}
    students as (
        select
            "by" as group_value,
            submission_source as sample_source,
            survey_cycle as sample_cycle,
            country_code as sample_country,
            cast(measure as double) as answer,
            student_weight as weight_0,
            columns('^replicate_weight_')
        from
            query_table(
                {{ database }} || '.{{ submissions.schema }}.{{ submissions.identifier }}'
            )
        left join
            query_table({{ database }} || '.{{ weights.schema }}.{{ weights.identifier }}')
            using (submission_key)
        where "filter" and {{ where }} and measure is not null
    )
{%- endmacro %}


{# How many students, and Σ weight × answer and Σ weight: by the final weight, and as lists by each
   replicate. #}
{% macro sums_of_sample() -%}
    count(*) as students,
    count(weight_0) as students_weighted,
    count(replicate_weight_1) as students_replicated,
    coalesce(sum(weight_0 * answer), 0) as total,
    coalesce(sum(weight_0), 0) as weight,
    [
        {%- for number in range(1, replicates() + 1) %}
        coalesce(sum(replicate_weight_{{ number }} * answer), 0)
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    ] as totals,
    [
        {%- for number in range(1, replicates() + 1) %}
        coalesce(sum(replicate_weight_{{ number }}), 0)
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    ] as weights
{%- endmacro %}


{# The name of a function, in the schema of the model that creates it. #}
{% macro survey_function(name) -%}
    {{ this.include(identifier=false) }}.{{ name }}
{%- endmacro %}


{# 95 % of a normal distribution are within so many standard deviations of its mean. #}
{% macro normal_quantile_95() -%}
    1.959964
{%- endmacro %}
