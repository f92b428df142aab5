using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed class UpdateDatabaseValidator : AbstractValidator<UpdateResource<DatabaseDto>>
{
    public UpdateDatabaseValidator()
    {
        RuleFor(m => ((DatabaseChanges)m.Changes).Purpose.Value).Purpose().OverridePropertyName("purpose");
        RuleFor(m => ((DatabaseChanges)m.Changes).Owner.Value).ResponsibleOwner().OverridePropertyName("owner");
    }
}
