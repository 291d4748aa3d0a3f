terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.hub_principal_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "writer" {
  name                 = var.role_name
  description          = "Lets ecs-advise apply approved changes of EC2 event windows, and nothing else."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
  tags                 = var.tags
}

# The policy is the very file that the bot's tests compare with the calls it makes.
resource "aws_iam_role_policy" "writer" {
  name   = "ecs-advise-changes-event-windows"
  role   = aws_iam_role.writer.id
  policy = file("${path.module}/../../iam/writer.json")
}
