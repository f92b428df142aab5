using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed class RotateCredentialsValidator : AbstractValidator<OperateResourceWith<RotateCredentials, AcceptedDatabase>>
{
    public RotateCredentialsValidator() => RuleFor(m => m.Arguments.User).DatabaseUserName();
}
