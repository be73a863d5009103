// Every page loads this. Style sheets show what needs scripts under this class alone.
document.documentElement.classList.add('has-scripts');
