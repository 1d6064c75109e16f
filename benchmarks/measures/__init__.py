"""What is measured: one function for each subject, which asks the contenders in turns and keeps figures."""
