{{ rows_without_a_load(ref('int_education__loads'), [
    ref('fct_student_submissions'), ref('rejected_submissions'), ref('superseded_submissions'),
    ref('deleted_submissions')
]) }}
