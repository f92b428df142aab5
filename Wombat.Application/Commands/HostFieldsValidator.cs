using System.Text.RegularExpressions;
using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Checks what people say about a host. Neither text can be read as an option or a command by ssh.</summary>
internal sealed partial class HostFieldsValidator : AbstractValidator<HostFields>
{
    public HostFieldsValidator()
    {
        RuleFor(h => h.Name).NotEmpty().WithMessage("is required").MaximumLength(SshHost.NameMax).PlainText();
        RuleFor(h => h.Address)
            .Must(a => a.Length <= SshHost.AddressMax && AddressRegex().IsMatch(a))
            .WithMessage("must be a DNS name or an IP address");
        RuleFor(h => h.Port).InclusiveBetween(1, SshHost.PortMax).WithMessage($"must be from 1 to {SshHost.PortMax}");
        RuleFor(h => h.UserName)
            .Must(u => u.Length <= SshHost.UserNameMax && UserRegex().IsMatch(u))
            .WithMessage("must be the name of an account: letters, digits and . _ @ -, not beginning with a dash");
        RuleFor(h => h.Labels)
            .Must(l => l.Count <= SshHost.LabelsMax)
            .WithMessage($"must be at most {SshHost.LabelsMax}")
            .Must(l => l.All(HostLabel.IsValid))
            .WithMessage(HostLabel.Rule);
    }

    [GeneratedRegex(
        @"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex AddressRegex();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._@-]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex UserRegex();
}
