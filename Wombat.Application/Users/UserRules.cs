using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Validation rules of a user's fields, shared by create and update.</summary>
public static class UserRules
{
    public const int PasswordMin = 12;
    public const int PasswordMax = 256;

    internal static IRuleBuilderOptions<T, string?> Login<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotNull()
            .WithMessage("is required")
            .Must(login => login is null || User.IsLogin(login))
            .WithMessage(
                $"must be {User.LoginMin} to {User.LoginMax} of a-z, 0-9 and . _ -, beginning with a letter or digit, "
                    + $"and not reserved ({string.Join(", ", User.Reserved)})"
            );
}

internal sealed class UserProfileValidator : AbstractValidator<UserProfile>
{
    public UserProfileValidator()
    {
        RuleFor(p => p.FullName)
            .NotNull()
            .WithMessage("must not be null")
            .MaximumLength(User.FullNameMax)
            .WithMessage($"must have at most {User.FullNameMax} characters")
            .PlainText();
        RuleFor(p => p.Email)
            .MaximumLength(User.EmailMax)
            .WithMessage($"must have at most {User.EmailMax} characters")
            .Must(e =>
                e is null
                || e.Length > 2
                    && e.IndexOf('@', StringComparison.Ordinal) is var at
                    && at > 0
                    && at == e.LastIndexOf('@')
                    && at < e.Length - 1
                    && !e.Any(char.IsWhiteSpace)
            )
            .WithMessage("must be an e-mail address")
            .PlainText();
        RuleFor(p => p.PlatformRole).Must(Enum.IsDefined).WithMessage("must be none or admin");
    }
}
