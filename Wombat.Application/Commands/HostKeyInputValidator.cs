using System.Text.RegularExpressions;
using FluentValidation;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Checks with which key Wombat is to sign in. The path of a file names nothing outside the directory of key files.</summary>
internal sealed partial class HostKeyInputValidator : AbstractValidator<HostKeyInput>
{
    public HostKeyInputValidator()
    {
        RuleFor(k => k.PrivateKey).MaximumLength(SshHost.PrivateKeyMax);
        RuleFor(k => k.PrivateKey).Null().WithMessage("is only for stored keys").When(k => k.KeySource != SshKeySource.Stored);
        RuleFor(k => k.KeyFile)
            .Must(f => f is { Length: <= SshHost.KeyFileMax } && PathRegex().IsMatch(f))
            .WithMessage("must be the path of a key in commands.key_directory, such as web/id_ed25519: no name in it begins with a dot")
            .When(k => k.KeySource == SshKeySource.File);
        RuleFor(k => k.KeyFile).Null().WithMessage("is only for the key source file").When(k => k.KeySource != SshKeySource.File);
    }

    [GeneratedRegex(
        @"^[A-Za-z0-9_][A-Za-z0-9._@-]*(/[A-Za-z0-9_][A-Za-z0-9._@-]*)*\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex PathRegex();
}
