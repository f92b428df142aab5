using System.Text;
using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

internal sealed class ExecuteCommandValidator : AbstractValidator<OperateResourceWith<ExecuteCommand, AcceptedContainer>>
{
    public ExecuteCommandValidator()
    {
        RuleFor(m => m.Arguments.Command)
            .Cascade(CascadeMode.Stop)
            .NotEmpty()
            .WithMessage("is required: the program and its arguments")
            .Must(c => c!.Count <= ExecuteCommand.ArgumentsMax)
            .WithMessage($"must have at most {ExecuteCommand.ArgumentsMax} items")
            .Must(c => c!.All(a => a is not null && !a.Contains('\0')))
            .WithMessage("must consist of texts without NUL characters")
            .Must(c => c![0]!.Length > 0)
            .WithMessage("must begin with the name of a program")
            .Must(c => c!.Sum(a => Encoding.UTF8.GetByteCount(a!) + 1) <= ExecuteCommand.BytesMax)
            .WithMessage($"must have at most {ExecuteCommand.BytesMax} bytes in all");
        RuleFor(m => m.Arguments.TimeoutSeconds)
            .InclusiveBetween(ExecuteCommand.TimeoutSecondsMin, ExecuteCommand.TimeoutSecondsMax)
            .WithMessage($"must be from {ExecuteCommand.TimeoutSecondsMin} to {ExecuteCommand.TimeoutSecondsMax}");
        RuleFor(m => m.Arguments.User)
            .InclusiveBetween(0, ExecuteCommand.UserMax)
            .WithMessage($"must be from 0 to {ExecuteCommand.UserMax}");
    }
}
