using FluentValidation;
using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed class AdoptDatabaseValidator : AbstractValidator<OperateResourceWith<AdoptDatabase, AcceptedDatabase>>
{
    private const int FieldsMax = 100;
    private const int FieldMax = 200;

    public AdoptDatabaseValidator() =>
        RuleFor(m => m.Arguments.Fields)
            .Must(f =>
                f is null || f.Count is > 0 and <= FieldsMax && f.All(n => n is { Length: <= FieldMax } && ValidationRules.IsPlain(n))
            )
            .WithMessage($"must be 1 to {FieldsMax} names of fields in drift");
}
