variable "hub_principal_arn" {
  description = "ARN of the role (or user) that the bot runs as. Only it may assume the writer role."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", var.hub_principal_arn))
    error_message = "Give the ARN of a role or user, such as arn:aws:iam::111122223333:role/ecs-advise."
  }
}

variable "external_id" {
  description = "External id that the bot must present: externalId of this account in ecs-advise.yaml."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]{2,1224}$", var.external_id))
    error_message = "2 to 1224 letters, digits and _+=,.@:/-"
  }
}

variable "role_name" {
  description = "Name of the role."
  type        = string
  default     = "ecs-advise-writer"
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
}
