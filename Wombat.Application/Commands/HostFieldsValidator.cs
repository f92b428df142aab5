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
        RuleFor(h => h.Name).MaximumLength(SshHost.NameMax).PlainText();
        RuleFor(h => h.Name).NotEmpty().WithMessage("is required").When(h => h.ContainerId is null);
        RuleFor(h => h.Address)
            .Must(a => a.Length <= SshHost.AddressMax && AddressRegex().IsMatch(a))
            .WithMessage("must be a DNS name or an IP address")
            .When(IsByAddress);
        RuleFor(h => h.Address).Empty().WithMessage("must be absent with container_id or alias").Unless(IsByAddress);
        RuleFor(h => h.ContainerId).Null().WithMessage("must be absent with alias").When(h => h.Alias is not null);
        RuleFor(h => h.Port).InclusiveBetween(1, SshHost.PortMax).WithMessage($"must be from 1 to {SshHost.PortMax}");
        RuleFor(h => h.UserName)
            .Must(u => u.Length <= SshHost.UserNameMax && UserRegex().IsMatch(u))
            .WithMessage("must be the name of an account: letters, digits and . _ @ -, not beginning with a dash")
            .When(h => IsByAddress(h) || h.ContainerId is not null && h.UserName.Length > 0);
        RuleFor(h => h.Alias).MaximumLength(SshHost.AliasMax).PlainText();
        When(h => h.Alias is not null, OnlyAlias);
        RuleFor(h => h.Labels)
            .Must(l => l.Count <= SshHost.LabelsMax)
            .WithMessage($"must be at most {SshHost.LabelsMax}")
            .Must(l => l.All(HostLabel.IsValid))
            .WithMessage(HostLabel.Rule);
    }

    private static bool IsByAddress(HostFields host) => host.ContainerId is null && host.Alias is null;

    // All of it is that of the configuration.
    private void OnlyAlias()
    {
        const string Message = "must be absent with alias";
        RuleFor(h => h.Port).Null().WithMessage(Message);
        RuleFor(h => h.UserName).Empty().WithMessage(Message);
        RuleFor(h => h.JumpHostId).Null().WithMessage(Message);
    }

    [GeneratedRegex(
        @"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex AddressRegex();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._@-]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex UserRegex();
}
