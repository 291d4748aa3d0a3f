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

resource "aws_iam_role" "reader" {
  name                 = var.role_name
  description          = "Lets ecs-advise read ECS and what it costs. Reads only."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
  tags                 = var.tags
}

# The policies are the very files that the bot's tests compare with the calls it makes.
resource "aws_iam_role_policy" "reader" {
  name   = "ecs-advise-reads"
  role   = aws_iam_role.reader.id
  policy = file("${path.module}/../../iam/reader.json")
}

resource "aws_iam_role_policy" "payer" {
  count  = var.is_payer ? 1 : 0
  name   = "ecs-advise-reads-the-bill"
  role   = aws_iam_role.reader.id
  policy = file("${path.module}/../../iam/reader-payer.json")
}
