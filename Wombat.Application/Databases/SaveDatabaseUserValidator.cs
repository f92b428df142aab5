using FluentValidation;
using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed class SaveDatabaseUserValidator : AbstractValidator<OperateResourceWith<SaveDatabaseUser, AcceptedDatabase>>
{
    public SaveDatabaseUserValidator(TimeProvider clock)
    {
        RuleFor(m => m.Arguments.Name).NotEmpty().WithMessage("is required").DatabaseUserName();
        RuleFor(m => m.Arguments.Role).NotNull().WithMessage("is required");
        RuleFor(m => m.Arguments.ExpiresAt).InTheFuture(clock);
        RuleFor(m => m.Arguments.Reason).Reason().When(m => m.Arguments.ExpiresAt is not null);
    }
}
