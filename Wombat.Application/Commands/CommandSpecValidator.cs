using System.Text;
using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Commands;
using Wombat.Domain.Members;

namespace Wombat.Application.Commands;

/// <summary>Checks what a command executes.</summary>
internal sealed class CommandSpecValidator : AbstractValidator<CommandSpec>
{
    private const int VariableBytesMax = 32 * 1024;

    public CommandSpecValidator()
    {
        RuleFor(s => s.Description).MaximumLength(CommandSpec.DescriptionMax).PlainText(multiline: true);
        RuleFor(s => s.TimeoutSeconds)
            .InclusiveBetween(1, CommandSpec.TimeoutSecondsMax)
            .WithMessage($"must be from 1 to {CommandSpec.TimeoutSecondsMax}");
        RuleFor(s => s.RunBy).Must(r => r != ProjectRole.Viewer).WithMessage("must be developer or project_manager");
        RuleFor(s => s.ApprovalBy).Must(r => r != ProjectRole.Viewer).WithMessage("must be developer or project_manager");
        RuleFor(s => s.ApprovalSeconds)
            .InclusiveBetween(1, CommandSpec.ApprovalSecondsMax)
            .WithMessage($"must be from 1 to {CommandSpec.ApprovalSecondsMax}");
        RuleFor(s => s.WorkspaceId).Null().WithMessage("is not for commands of kind ssh").When(s => s.Kind == CommandKind.Ssh);
        RuleFor(s => s.HostIds).Custom(CheckHosts);
        RuleFor(s => s.HostLabels)
            .Must((s, l) => l.Count == 0 || s.Kind == CommandKind.Ssh)
            .WithMessage("are only for commands of kind ssh")
            .Must(l => l.Count <= SshHost.LabelsMax)
            .WithMessage($"must be at most {SshHost.LabelsMax}")
            .Must(l => l.All(HostLabel.IsValid))
            .WithMessage(HostLabel.Rule);
        RuleFor(s => s.HostParallelism)
            .InclusiveBetween(1, CommandSpec.HostParallelismMax)
            .WithMessage($"must be from 1 to {CommandSpec.HostParallelismMax}");
        RuleFor(s => s.WorkspaceId).NotNull().WithMessage("is required for commands of kind make").When(s => s.Kind == CommandKind.Make);
        RuleFor(s => s.Target)
            .Must(t => t is not null && IsTarget(t))
            .WithMessage("must be the name of a target: letters, digits and . _ / % + -, not beginning with a dash")
            .When(s => s.Kind == CommandKind.Make);
        RuleFor(s => s.Target).Null().WithMessage("is only for commands of kind make").When(s => s.Kind != CommandKind.Make);
        RuleFor(s => s.Arguments)
            .Must(a => a.Count == 0)
            .WithMessage("are not for commands of kind make")
            .When(s => s.Kind == CommandKind.Make);
        RuleFor(s => s.Arguments).Custom(CheckArguments).When(s => s.Kind != CommandKind.Make);
        RuleFor(s => s.Parameters)
            .Must(p => p.Count <= CommandSpec.ParametersMax)
            .WithMessage($"must be at most {CommandSpec.ParametersMax}")
            .Must(p => p.Select(x => x.Name).Distinct(StringComparer.Ordinal).Count() == p.Count)
            .WithMessage("must have different names");
        // Otherwise those behind the first that is wrong are not checked.
        RuleForEach(s => s.Parameters)
            .Cascade(CascadeMode.Continue)
            .SetValidator(s => new CommandParameterValidator(s.Kind))
            .When(s => s.Parameters.Count <= CommandSpec.ParametersMax);
        RuleFor(s => s.Environment).Custom(CheckEnvironment);
    }

    private static bool IsTarget(string target) =>
        target.Length is > 0 and <= 200 && target[0] != '-' && target.All(c => char.IsAsciiLetterOrDigit(c) || "._/%+-".Contains(c));

    private static void CheckHosts(IReadOnlyList<Guid> hosts, ValidationContext<CommandSpec> context)
    {
        var problem =
            context.InstanceToValidate.Kind != CommandKind.Ssh ? (hosts.Count == 0 ? null : "are only for commands of kind ssh")
            : hosts.Count == 0 && context.InstanceToValidate.HostLabels.Count == 0 ? "must have at least one host without host_labels"
            : hosts.Count > CommandSpec.HostsMax ? $"must be at most {CommandSpec.HostsMax}"
            : hosts.Distinct().Count() != hosts.Count ? "must be different"
            : null;
        if (problem is not null)
        {
            context.AddFailure(nameof(CommandSpec.HostIds), problem);
        }
    }

    private static void CheckArguments(IReadOnlyList<string> arguments, ValidationContext<CommandSpec> context)
    {
        var spec = context.InstanceToValidate;
        var problem =
            arguments.Count == 0 || arguments[0].Length == 0 ? "must have at least the program"
            : arguments.Count > CommandSpec.ArgumentsMax ? $"must be at most {CommandSpec.ArgumentsMax}"
            : arguments.Sum(Encoding.UTF8.GetByteCount) > CommandSpec.ArgumentsBytesMax
                ? $"must have at most {CommandSpec.ArgumentsBytesMax} bytes together"
            : arguments.Any(a => a.Contains('\0') || !ValidationRules.IsPaired(a)) ? "must not contain NUL or broken Unicode"
            : ParameterValues.NamesIn(arguments[0]).Any() ? "must name the program without a parameter"
            : arguments.SelectMany(ParameterValues.NamesIn).Select(n => ProblemOf(spec, n)).FirstOrDefault(p => p is not null);
        if (problem is not null)
        {
            context.AddFailure(nameof(CommandSpec.Arguments), problem);
        }
    }

    private static string? ProblemOf(CommandSpec spec, string name) =>
        spec.Parameters.FirstOrDefault(p => p.Name == name) switch
        {
            null => $"contain {{{{{name}}}}}, but there is no parameter {name}",
            { Type: ParameterType.Secret } => $"contain the secret {name}, which every user of the machine could read there; "
                + "the program gets it as an environment variable",
            _ => null,
        };

    private static void CheckEnvironment(IReadOnlyDictionary<string, string> environment, ValidationContext<CommandSpec> context)
    {
        if (environment.Count > CommandSpec.VariablesMax)
        {
            context.AddFailure(nameof(CommandSpec.Environment), $"must be at most {CommandSpec.VariablesMax} variables");
            return;
        }

        foreach (var (name, value) in environment)
        {
            if (!CommandParameter.IsName(name))
            {
                context.AddFailure(nameof(CommandSpec.Environment), $"{name}: this name is not allowed");
            }
            else if (value.Contains('\0') || !ValidationRules.IsPaired(value) || Encoding.UTF8.GetByteCount(value) > VariableBytesMax)
            {
                context.AddFailure(
                    nameof(CommandSpec.Environment),
                    $"{name}: the value must have at most {VariableBytesMax} bytes without NUL and broken Unicode"
                );
            }
            else if (context.InstanceToValidate.Parameters.Any(p => p.Name == name))
            {
                context.AddFailure(nameof(CommandSpec.Environment), $"{name}: there is a parameter of this name");
            }
        }
    }
}
