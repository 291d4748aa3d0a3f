output "role_arn" {
  description = "readerRole of this account in ecs-advise.yaml."
  value       = aws_iam_role.reader.arn
}
