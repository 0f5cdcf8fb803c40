{{ rows_without_a_load(ref('int_crime__loads'), [
    ref('fct_crimes'), ref('rejected_crimes'), ref('superseded_crimes'), ref('deleted_crimes')
]) }}
