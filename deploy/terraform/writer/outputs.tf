output "role_arn" {
  description = "writerRole of this account in ecs-advise.yaml."
  value       = aws_iam_role.writer.arn
}
