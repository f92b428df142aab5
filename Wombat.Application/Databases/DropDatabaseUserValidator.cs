using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed class DropDatabaseUserValidator : AbstractValidator<OperateResourceWith<DropDatabaseUser, AcceptedDatabase>>
{
    public DropDatabaseUserValidator() => RuleFor(m => m.Arguments.Name).DatabaseUserName();
}
