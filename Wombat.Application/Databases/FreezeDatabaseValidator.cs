using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed class FreezeDatabaseValidator : AbstractValidator<OperateResourceWith<FreezeDatabase, AcceptedDatabase>>
{
    public FreezeDatabaseValidator() => RuleFor(m => m.Arguments.Reason).Reason();
}
